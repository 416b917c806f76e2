import { render } from 'preact';
import { Console } from './console.tsx';
import './css/base.css';
import './css/top.css';
import './css/concerns.css';
import './css/charts.css';
import './css/products.css';
import './css/dialogs.css';

const page = document.getElementById('page');
if (page !== null) {
  render(<Console />, page);
}
