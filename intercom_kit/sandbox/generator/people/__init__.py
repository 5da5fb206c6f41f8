"""The generator of customers: companies, and the contacts who work there."""
