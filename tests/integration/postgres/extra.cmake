add_dependencies(integration-postgres souffleur-hub)
