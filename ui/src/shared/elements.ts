/**
 * Stands in for the entry of @digdir/designsystemet-web, which brings every custom element and
 * polyfill, together half as much again as React: only those that both applications need.
 */
import '@digdir/designsystemet-web/ds-field';
import '@digdir/designsystemet-web/ds-error-summary';
import '@digdir/designsystemet-web/dialog';
import '@digdir/designsystemet-web/invokers';

export { pagination } from '@digdir/designsystemet-web/ds-pagination';
