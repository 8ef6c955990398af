-- A device is known by its key's fingerprint at every request: found without reading all devices.
CREATE INDEX IF NOT EXISTS origins_fingerprint ON origins (fingerprint);
