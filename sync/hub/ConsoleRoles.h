// Who at head office may do what (DESIGN 8): role x action as data. Every other rule asks here.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace souffleur::hub {

enum class Action : std::uint8_t {
    overviewView,
    peopleSearch,
    personView,
    proofView,
    receiptView,
    addressWorks,
    restrictionLift,
    eligibilityView,
    devicesView,
    deviceApprove,
    deviceRevoke,
    deviceInvite,
    auditView,
    surveyView,
};

/// One line of the matrix. `name` is what the audit trail and the page call the action.
struct Permission {
    Action action;
    std::string_view name;
    bool marketing;
    bool privacy;
    bool it;
    bool admin;
};

// clang-format off
inline constexpr std::array<Permission, 14> kPermissions{{
    //                        name              marketing privacy it     admin
    {Action::overviewView,  "overview.view",    true,     true,   true,  true},
    {Action::peopleSearch,  "people.search",    true,     true,   false, true},
    {Action::personView,    "person.view",      true,     true,   false, true},
    {Action::proofView,     "proof.view",       true,     true,   false, true},
    {Action::receiptView,   "receipt.view",     true,     true,   false, true},
    {Action::addressWorks,  "address.works",    false,    true,   false, true},
    {Action::restrictionLift, "restriction.lift", false,  true,   false, true},
    {Action::eligibilityView, "eligibility.view", true,   true,   false, true},
    {Action::devicesView,   "devices.view",     false,    true,   true,  true},
    {Action::deviceApprove, "device.approve",   false,    false,  true,  true},
    {Action::deviceRevoke,  "device.revoke",    false,    false,  true,  true},
    {Action::deviceInvite,  "device.invite",    false,    false,  true,  true},
    {Action::auditView,     "audit.view",       false,    true,   false, true},
    {Action::surveyView,    "survey.view",      true,     true,   false, true},
}};
// clang-format on

/// An unknown role may nothing.
constexpr bool may(std::string_view role, const Permission& permission) noexcept {
    if (role == "marketing") return permission.marketing;
    if (role == "privacy") return permission.privacy;
    if (role == "it") return permission.it;
    return role == "admin" && permission.admin;
}

constexpr const Permission& permissionFor(Action action) noexcept {
    return kPermissions[static_cast<std::size_t>(action)];
}

} // namespace souffleur::hub
