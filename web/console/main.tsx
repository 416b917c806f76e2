import { render } from 'preact';
import './console.css';

const page = document.getElementById('page');
if (page !== null) {
  render(<main>console</main>, page);
}
