// One run against one printer: line, what is kept of it, what it said. Inside the room only.
#pragma once

#include "firmware-config/provision/Plan.h"
#include "firmware-config/provision/Provisioner.h"

namespace souffleur::provision {

/// Which settings to read. `strict`: each must be answered; else what is not known is left out.
struct Scope {
    std::set<int> switches;
    std::set<int> values;
    std::set<int> serial;
    bool pictures = false;
    bool strict = true;
};
[[nodiscard]] Scope scopeOf(const Target& target);
/// All that a profile names.
[[nodiscard]] Scope scopeOf(const printer::Model& model);

class Provisioner::Session {
public:
    Session(Provisioner& owner, std::unique_ptr<Conversation> talk)
        : _owner(owner), _talk(std::move(talk)) {}

    /// Ends what an interrupted run may have left half said.
    [[nodiscard]] Result<void> recover(const std::vector<Journal>& open);
    [[nodiscard]] Result<void> identify();
    /// The model must be the printer's own, as far as both say.
    [[nodiscard]] Result<void> expect(const std::string& model);
    /// The profile that fits what the printer says.
    [[nodiscard]] Result<void> recogniseModel();
    /// From here on nobody else sets this printer up.
    [[nodiscard]] Result<void> hold();
    [[nodiscard]] Result<void> look(); ///< the same for reading only

    [[nodiscard]] Result<Present> read(const Scope& scope);
    /// Compares, and writes if `writing`.
    [[nodiscard]] Result<Report> bring(const Target& target, bool writing,
                                       const std::filesystem::path& from);
    [[nodiscard]] Result<Report> saveBackup();
    [[nodiscard]] const Identity& identity() const { return _identity; }

private:
    [[nodiscard]] Result<void> readPictures(Present& present, bool strict);
    [[nodiscard]] Result<void> mayWrite(const Plan& plan, const Present& present);
    [[nodiscard]] Result<void> write(const Plan& plan, const Target& target);
    [[nodiscard]] Result<void> writePictureStep(const Step& step, const Target& target);
    [[nodiscard]] Result<void> writeSetting(const Step& step, const Target& target);
    [[nodiscard]] Result<void> rewrite(const Step& step);
    [[nodiscard]] Result<void> leaveMode(const Plan& plan, const Target& target);
    [[nodiscard]] Result<void> verify(const Target& target);
    [[nodiscard]] Result<void> begin(const Target& target, const Present& present);
    [[nodiscard]] Report report(const Plan& plan) const;
    [[nodiscard]] Result<void> keepRecord();
    [[nodiscard]] Result<void> keepJournal();
    [[nodiscard]] Result<void> taken(const Step& step, bool asWanted);
    void tell(const std::string& step, bool large = true) const;
    [[nodiscard]] int perDay() const { return _model->nv.writesPerDayMax; }
    [[nodiscard]] tl::unexpected<Error> wrongModel(const std::string& wanted) const;

    Provisioner& _owner;
    std::unique_ptr<Conversation> _talk;
    Identity _identity;
    const printer::Model* _model = nullptr;
    std::optional<Shelf> _shelf;
    Record _record;
    std::optional<Journal> _journal;
    std::filesystem::path _backup;
};

} // namespace souffleur::provision
