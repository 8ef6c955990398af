// What the console is shown, as JSON (sync/hub/openapi.yaml). Pure. Addresses are masked: head
// office recognises a person by them and copies none.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plugin/base/Clock.h"
#include "sync/protocol/Proof.h"
#include "sync/store/Store.h"

namespace souffleur::wire {
class JsonWriter;
}

namespace souffleur::hub {

/// Head office itself answers, so it is seen `now`; a till when it last came.
void writeDevice(wire::JsonWriter& out, const store::Origin& origin, TimeMs now);
/// A line of the people list. `now` decides what has lapsed. `everything`: their no to everything,
/// where no answer of theirs names anything else; null: none.
void writePersonRow(wire::JsonWriter& out, const store::PersonRow& person,
                    const store::StateRow* everything, TimeMs now);
/// What a state does not say by itself.
struct StateDetail {
    std::string against; ///< why nobody may write all the same (Eligibility's reason); empty = may
    consent::NoticeRef notice; ///< the wording of the deciding answer; empty = none on record
};
/// The whole picture. `details`: one for each of the person's states, in their order; `everything`:
/// their no to everything; null: none. `devices` name the places.
void writePerson(wire::JsonWriter& out, const store::PersonRow& person,
                 std::span<const StateDetail> details, const store::StateRow* everything,
                 std::span<const store::Origin> devices, TimeMs now);
/// An event as a row of the timeline, its header among it.
void writeEvent(wire::JsonWriter& out, const store::ProofRow& row,
                std::span<const store::Origin> devices);
/// What a proof says of the event itself (its place in the log: LogViews.h).
protocol::Proof proofFrom(const store::ProofRow& row, const store::Origin& origin, TimeMs now);
/// May they be written to: in all, and by contact point.
void writeEligibility(wire::JsonWriter& out, const store::EligibilityQuery& query,
                      std::span<const store::EligibilityRow> rows);
/// `devices` name those that the row is by or about; people are ids and stay so.
void writeAudit(wire::JsonWriter& out, const store::AuditRow& row,
                std::span<const store::Origin> devices);
/// When the event happened by its header; 0 where the header cannot be read.
TimeMs eventTime(const store::ProofRow& row);

} // namespace souffleur::hub
