#include "shell/completion.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace latchkey::shell {
namespace {

/// tool [--config FILE] token PROFILE | client create ID [--public] | client list
class Tool : public ::testing::Test {
 protected:
  Tool() {
    app_.add_option("--config", config_, "which")->type_name("FILE");
    app_.add_subcommand("token", "print a token's text")
        ->add_option("PROFILE", config_, "whose")
        ->required();
    CLI::App* client = app_.add_subcommand("client", "programs");
    CLI::App* create = client->add_subcommand("create", "add one");
    create->add_option("id", config_, "its name");
    create->add_flag("-p,--public", public_, "it has no secret");
    client->fallthrough()->add_subcommand("list", "show them")->fallthrough();
  }
  std::string written_for(const char* shell) const {
    return completion(shell, describe(app_), {"PROFILE", "tool names"});
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  CLI::App app_{"A tool", "tool"};
  std::string config_;
  bool public_ = false;
};

TEST_F(Tool, IsDescribedAsItsParserHasIt) {
  const Command tool = describe(app_);
  EXPECT_EQ(tool.name, "tool");
  ASSERT_EQ(tool.commands.size(), 2u);
  EXPECT_EQ(tool.commands[0].words.front().first, "PROFILE");
  const Command& create = tool.commands[1].commands.at(0);
  EXPECT_EQ(create.help, "add one");
  EXPECT_EQ(create.flags.back().names, (std::vector<std::string>{"--public", "-p"}));
  EXPECT_EQ(create.flags.back().value, "");
  EXPECT_EQ(tool.flags.back().names.front(), "--config");
  EXPECT_EQ(tool.flags.back().value, "FILE");
  const Command& list = tool.commands[1].commands.at(1);
  EXPECT_EQ(list.flags.back().names.front(), "--config");  // it may be said there too
}

TEST_F(Tool, KnowsOnlyTheShellsThatItKnows) { EXPECT_EQ(written_for("csh"), ""); }

TEST_F(Tool, EveryShellLearnsEveryCommand) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string text = written_for(shell);
    for (const char* way : {"' token'", "' client'", "' client create'", "' client list'"})
      EXPECT_TRUE(has(text, way)) << shell << way;
    EXPECT_TRUE(has(text, "tool names 2>/dev/null") || has(text, "source='tool names'")) << shell;
  }
}

TEST_F(Tool, AQuoteInAHelpTextEndsNoWord) {
  EXPECT_TRUE(has(written_for("zsh"), R"('token:print a token'\''s text')"));
  EXPECT_TRUE(has(written_for("fish"), R"(-a token -d 'print a token'\''s text')"));
}

TEST_F(Tool, BehindAFlagThatTakesAValueFilesAreOffered) {
  EXPECT_TRUE(
      has(written_for("bash"), "  case ${COMP_WORDS[COMP_CWORD-1]} in\n    --config) return ;;"));
  EXPECT_TRUE(has(written_for("zsh"), "(--config) _files; return ;;"));
  EXPECT_TRUE(has(written_for("fish"), " -l config -r -F -d 'which'\n"));
  EXPECT_TRUE(has(written_for("fish"), " -l public -s p -d 'it has no secret'\n"));
}

}  // namespace
}  // namespace latchkey::shell
