#include "engine/device.h"
#include "engine/local_authority.h"
#include "engine/rules.h"
#include "engine/user_code.h"

// The person's half of the device grant (RFC 8628 section 3.3): which device is that,
// and may it go on.

namespace latchkey::engine {
namespace {

std::unexpected<Error> no_such_device() { return fail(Why::kNotFound, "no device has that code"); }

}  // namespace

// checklist 37, 57: a try is counted, and the count kept, before anything is looked up;
// right ones count too, or somebody's own codes would buy more guesses.
Result<> LocalAuthority::count_user_code(const Secret& session, Instant now) {
  const Seconds window = policy_.password_window;
  const int tries = TRY(store_.transact([&](Tx& tx) -> Result<int> {
    const Subject person = TRY(person_of(tx, session, now));
    return tx.count(realm_, "user codes " + person.login.text, now, window);
  }));
  if (tries > policy_.standard.user_code_attempts) {
    return fail(Error{Why::kTooMany, "too many codes were tried", {}, window});
  }
  return {};
}

Result<DeviceCode> LocalAuthority::open_device(Tx& tx, std::string_view typed, Instant now) {
  const auto code = read_user_code(typed);
  if (!code) return no_such_device();
  const auto device = TRY(tx.device_of_user_code(realm_, keys_.hash_of(Secret(*code))));
  const bool open = device && device->state == DeviceState::kOpen && now < device->until;
  if (!open) return no_such_device();
  return *device;
}

Result<DeviceAsked> LocalAuthority::find_device(const Secret& session, std::string_view user_code,
                                                Instant now) {
  TRY(count_user_code(session, now));
  return store_.read([&](Tx& tx) -> Result<DeviceAsked> {
    const DeviceCode device = TRY(open_device(tx, user_code, now));
    auto client = TRY(tx.client(realm_, device.client));
    if (!client || client->disabled) return no_such_device();
    return DeviceAsked{*std::move(client), device.scope, device.resource};
  });
}

Result<> LocalAuthority::answer_device(const Secret& session, std::string_view user_code,
                                       bool approve, Instant now) {
  TRY(count_user_code(session, now));
  ClientId client;
  SubjectId person;
  TRY(store_.transact([&](Tx& tx) -> Result<> {
    DeviceCode device = TRY(open_device(tx, user_code, now));
    const auto asking = TRY(tx.client(realm_, device.client));
    if (!asking || asking->disabled) return no_such_device();
    const Subject subject = TRY(person_of(tx, session, now));
    const auto open = TRY(tx.session(realm_, keys_.hash_of(session)));
    client = device.client;
    person = subject.login;
    device.state = approve ? DeviceState::kApproved : DeviceState::kDeclined;
    device.subject = subject.login;
    device.authenticated = open->authenticated;
    device.amr = open->amr;
    return tx.put_device(device);
  }));
  tell(now, "device_answered", client, person, approve ? "approved" : "declined");
  return {};
}

}  // namespace latchkey::engine
