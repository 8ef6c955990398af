// libsouffleur_poco.so: HostShim over the C ABI.
#include "plugin/host/HostShim.h"

#include <Poco/ClassLibrary.h>

extern "C" __attribute__((visibility("default")))
const int souffleur_poco_abi; // NOLINT: an ABI symbol
const int souffleur_poco_abi = souffleur::host::v1::kHostShimAbi;

namespace souffleur::host {

/// Made by Poco::ClassLoader, which needs a default constructor: hence open().
class SharedHostShim final : public v1::HostShim {
public:
    SharedHostShim()
        : _api(static_cast<const souffleur_host_api_t*>(
              souffleur_entry.version.major == SOUFFLEUR_ABI_MAJOR
                  ? souffleur_entry.get_extension(SOUFFLEUR_EXT_HOST)
                  : nullptr)) {}
    ~SharedHostShim() override {
        if (_host != nullptr) _api->close(_host);
    }
    SharedHostShim(const SharedHostShim&) = delete;
    SharedHostShim& operator=(const SharedHostShim&) = delete;

    souffleur_status_t open(souffleur_text_t socketPath, souffleur_text_t hostName) override {
        if (_api == nullptr || _host != nullptr) return SOUFFLEUR_INVALID;
        const souffleur_open_t options{socketPath, hostName};
        return _api->open(&options, &_host);
    }
    souffleur_status_t customerSelected(const souffleur_customer_t& customer) override {
        return opened() ? _api->customer_selected(_host, &customer) : SOUFFLEUR_INVALID;
    }
    souffleur_status_t customerCleared() override {
        return opened() ? _api->customer_cleared(_host) : SOUFFLEUR_INVALID;
    }
    souffleur_status_t orderCompleted(const souffleur_order_t& order) override {
        return opened() ? _api->order_completed(_host, &order) : SOUFFLEUR_INVALID;
    }
    souffleur_status_t customerNext(const souffleur_customer_t& customer) override {
        return opened() ? _api->customer_next(_host, &customer) : SOUFFLEUR_INVALID;
    }
    souffleur_status_t pollFlag(souffleur_flag_t& flag) override {
        return opened() ? _api->poll_flag(_host, &flag) : SOUFFLEUR_INVALID;
    }
    int pollFd() override { return opened() ? _api->poll_fd(_host) : -1; }
    souffleur_status_t ping() override { return opened() ? _api->ping(_host) : SOUFFLEUR_INVALID; }
    souffleur_status_t state(souffleur_state_t& state) override {
        return opened() ? _api->state(_host, &state) : SOUFFLEUR_INVALID;
    }

private:
    [[nodiscard]] bool opened() const { return _host != nullptr; }

    const souffleur_host_api_t* _api;
    souffleur_host_t* _host = nullptr;
};

} // namespace souffleur::host

POCO_BEGIN_MANIFEST(souffleur::host::v1::HostShim)
POCO_EXPORT_CLASS(souffleur::host::SharedHostShim)
POCO_END_MANIFEST
