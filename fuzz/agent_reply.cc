// client::read_reply: all that somebody said who listened where an agent should.

#include "client/agent_client.h"
#include "fuzz.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  const auto reply = client::read_reply(text);
  if (!reply) return 0;
  fuzz::must(reply->status >= 100 && reply->status <= 999, "a status has three digits");
  fuzz::must(text.ends_with("\r\n\r\n" + reply->body), "a body is what stands behind the head");
  fuzz::must(!client::read_reply(text.substr(0, text.size() - 1)), "a part is not a whole");
  fuzz::must(!client::read_reply(text + "x"), "there is nothing behind a reply");
  const auto again =
      client::read_reply("HTTP/1.1 " + std::to_string(reply->status) + " Said\r\nContent-Length: " +
                         std::to_string(reply->body.size()) + "\r\n\r\n" + reply->body);
  fuzz::must(again && again->status == reply->status && again->body == reply->body,
             "a reply that is written reads back");
  return 0;
}
