"""What several packages need and no user sees: frozen values, futures, diagnostics."""
