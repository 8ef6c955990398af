// Addresses as typed at the counter or hinted by a host, made into contact points. Internal to this
// room.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugin/consent/Flag.h"
#include "plugin/contact/Folder.h"
#include "plugin/counter/Outcome.h"
#include "plugin/counter/Requests.h"
#include "plugin/wire/Payload.h"

namespace souffleur::counter {

/// One address and the channels it serves: a mobile number takes calls and text messages.
struct Reach {
    ContactKind kind = ContactKind::email;
    std::vector<wire::ContactPoint> points;
    contact::PostalAddress address; ///< of kind post
    std::string masked;
    bool works = false; ///< need not be confirmed
    Uuid replaces;
};

/// Errors: a FieldError under `pointer` ("/contacts/0"): email-malformed, email-mistyped (with a
/// suggestion), phone-malformed, post-malformed, too-long.
tl::expected<Reach, FieldError> reachOf(const NewContact& typed, const std::string& region,
                                        contact::Folder& folder, const std::string& pointer);

/// The kind that serves a channel; none for channels without an address.
std::optional<ContactKind> kindOf(const consent::Token& channel);
/// The id a screen knows a contact point by: the first half of its keyed hash.
Uuid contactId(std::string_view keyHex);

} // namespace souffleur::counter
