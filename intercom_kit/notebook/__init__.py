"""What only a notebook needs: running notebooks beside a sandbox, and turning them into pages."""
