add_dependencies(integration-kiosk souffleur)
