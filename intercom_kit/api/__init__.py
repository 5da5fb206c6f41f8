"""Speaking to Intercom over HTTP: transport, rate budget, retries, pages and failures."""
