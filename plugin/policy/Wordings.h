// A wording that an act has used may never change: the freeze (GDPR 7(1), EDPB 05/2020 para 108).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plugin/base/Result.h"
#include "plugin/consent/Policy.h"

namespace souffleur::policy {

/// "newsletter-email@101/nl" -> lower-case hex SHA-256. Kept by whoever keeps the acts; a wording
/// goes in with the first act that names it and never leaves.
using FrozenWordings = std::map<std::string, std::string>;

/// The key of a wording in FrozenWordings.
std::string wordingKey(const consent::NoticeRef& notice);
/// What the hash covers: label, detail, line and text joined by '\n' (only the text may hold line
/// breaks, so the join is unambiguous), in UTF-8, as shown, with the house's own particulars filled
/// in.
std::string wordingBytes(const consent::Notice& notice);
/// Lower-case hex SHA-256 of wordingBytes.
std::string wordingHash(const consent::Notice& notice);
/// Every wording of a policy, in a stable order; borrowed from it.
std::vector<const consent::Notice*> wordingsOf(const consent::Policy& policy);
/// Errors: conflict naming the key of the first wording whose text is not the frozen one.
Result<void> checkFrozen(const consent::Policy& policy, const FrozenWordings& frozen);

} // namespace souffleur::policy
