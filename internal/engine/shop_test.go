package engine_test

// A shop as many have it: customers, addresses that several use, orders with lines, tickets that
// employees handle. Directions are written as companies write them for Fides.
const shopSchema = `
CREATE TABLE addresses (id INTEGER PRIMARY KEY, street TEXT, city TEXT);
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE, name VARCHAR(40) NOT NULL, phone TEXT,
	address_id INTEGER REFERENCES addresses(id), birth DATE, created TEXT);
CREATE TABLE employees (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT, address_id INTEGER REFERENCES addresses(id));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id), shipping_id INTEGER REFERENCES addresses(id), note TEXT);
CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders(id), line INTEGER NOT NULL, product TEXT, PRIMARY KEY (order_id, line));
CREATE TABLE tickets (id INTEGER PRIMARY KEY, email TEXT, employee_id INTEGER REFERENCES employees(id), body TEXT);
CREATE TABLE visits (customer_id INTEGER, page TEXT);
INSERT INTO addresses VALUES (1, 'Storgata 1', 'Oslo'), (2, 'Bakken 2', 'Bergen'), (3, 'Kaia 3', 'Bodø');
INSERT INTO customers VALUES (1, 'Customer-1@Example.com', 'Kari', '+47 912 34 567', 1, '1980-02-03', 'x'),
	(2, 'customer-2@example.com', 'Ola', NULL, 2, NULL, 'y'), (3, 'customer-3@example.com', 'Per', NULL, 3, NULL, 'z');
INSERT INTO employees VALUES (7, 'employee-7@example.com', 'Siv', 2);
INSERT INTO orders VALUES (10, 1, 1, 'ring'), (11, 1, 2, NULL), (20, 2, 2, 'gift'), (30, 3, 3, NULL);
INSERT INTO lines VALUES (10, 1, 'lamp'), (10, 2, 'bulb'), (11, 1, 'wire'), (20, 1, 'lamp');
INSERT INTO tickets VALUES (100, 'customer-2@example.com', 7, 'it broke'), (101, 'customer-1@example.com', 7, 'thanks');
INSERT INTO visits VALUES (1, '/a'), (1, '/a'), (1, '/b'), (2, '/a');
`

const shopDataset = `
dataset:
- fides_key: shop
  name: The shop
  collections:
  - name: addresses
    fields:
    - {name: id, data_categories: [system.operations], fides_meta: {primary_key: True}}
    - {name: street, data_categories: [user.contact.address.street]}
    - {name: city, data_categories: [user.contact.address.city]}
  - name: customers
    fields:
    - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: True, data_type: integer}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: name, data_categories: [user.name]}
    - {name: phone, data_categories: [user.contact.phone_number], fides_meta: {identity: phone_number}}
    - name: address_id
      data_categories: [system.operations]
      fides_meta: {references: [{dataset: shop, field: addresses.id, direction: to}]}
    - {name: birth, data_categories: [user.demographic.date_of_birth]}
  - name: employees
    fields:
    - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - name: address_id
      fides_meta: {references: [{dataset: shop, field: addresses.id, direction: to}]}
  - name: orders
    fields:
    - {name: id, data_categories: [system.operations], fides_meta: {primary_key: True}}
    - name: customer_id
      data_categories: [user.unique_id]
      fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}
    - name: shipping_id
      data_categories: [system.operations]
      fides_meta: {references: [{dataset: shop, field: addresses.id, direction: to}]}
    - {name: note, data_categories: [user.content]}
  - name: lines
    fields:
    - name: order_id
      data_categories: [system.operations]
      fides_meta: {primary_key: True, references: [{dataset: shop, field: orders.id, direction: from}]}
    - {name: line, data_categories: [system.operations], fides_meta: {primary_key: True}}
    - {name: product, data_categories: [user.behavior.purchase_history]}
  - name: tickets
    fields:
    - {name: id, data_categories: [system.operations], fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - name: employee_id
      data_categories: [user.unique_id]
      fides_meta: {references: [{dataset: shop, field: employees.id, direction: from}]}
    - {name: body, data_categories: [user.content]}
  - name: visits
    fields:
    - name: customer_id
      fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}
    - {name: page, data_categories: [user.behavior.browsing_history]}
`
