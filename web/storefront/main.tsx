import { render } from 'preact';
import './storefront.css';

const page = document.getElementById('page');
if (page !== null) {
  render(<main>storefront</main>, page);
}
