// For tests to which nobody listens at the counter.
#pragma once

#include "plugin/counter/CounterEvents.h"

namespace souffleur::test {

class Deaf final : public counter::CounterEvents {
public:
    void deskChanged(std::uint64_t, bool) override {}
    void jobChanged(const counter::PrintJob&) override {}
    void printerChanged(const counter::PrinterView&) override {}
    void sessionChanged(const counter::Session&) override {}
    void rushChanged(const counter::Rush&) override {}
};

} // namespace souffleur::test
