add_dependencies(integration-tap souffleur-cups-backend)
