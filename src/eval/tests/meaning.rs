//! A table for each paragraph of SEMANTICS, 1.2, 1.3 and 1.7.

use super::*;
use crate::diagnostic::Code;
use crate::eval::{Outcome, parse_time};
use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};

#[test]
fn strings_match_the_whole_value_ignoring_case() {
    check(vec![
        (equals("abc"), r#"{"f":"ABC"}"#, true),
        (equals("ABC"), r#"{"f":"abc"}"#, true),
        (equals("abc"), r#"{"f":"abcd"}"#, false),
        (equals("abc"), r#"{"f":"xabc"}"#, false),
        (cased("abc"), r#"{"f":"abc"}"#, true),
        (cased("abc"), r#"{"f":"ABC"}"#, false),
        (cased("*b?"), r#"{"f":"abC"}"#, true),
        (equals(""), r#"{"f":""}"#, true),
        (equals(""), r#"{"f":" "}"#, false),
        (equals(""), r#"{"f":null}"#, false),
        (equals("*"), r#"{"f":""}"#, true),
        (equals("*"), r#"{"f":null}"#, false),
    ]);
}

#[test]
fn wildcards() {
    check(vec![
        (equals("a*c"), r#"{"f":"ac"}"#, true),
        (equals("a*c"), r#"{"f":"a\r\n\nc"}"#, true),
        (equals("a?c"), r#"{"f":"a\nc"}"#, true),
        (equals("a?c"), r#"{"f":"ac"}"#, false),
        (equals("a?c"), r#"{"f":"a𝄞c"}"#, true),
        (equals("a??c"), r#"{"f":"a𝄞c"}"#, false),
        (equals("?"), r#"{"f":""}"#, false),
        (equals("*a*a"), r#"{"f":"a"}"#, false),
        (equals("ab*ba"), r#"{"f":"aba"}"#, false),
        (equals("*ab?d*f"), r#"{"f":"abcabxdef"}"#, true),
        (equals("*ab*ab*"), r#"{"f":"xabab"}"#, true),
        (equals("*äb*?Ö"), r#"{"f":"xÄBcö"}"#, true),
        (equals("*äb*"), r#"{"f":"xÄöb"}"#, false),
        (equals(r"*\cmd.exe"), r#"{"f":"C:\\Windows\\CMD.EXE"}"#, true),
    ]);
}

#[test]
fn case_is_ignored_by_simple_folding() {
    check(vec![
        (equals("straße"), r#"{"f":"STRASSE"}"#, false),
        (equals("straße"), r#"{"f":"STRAẞE"}"#, true),
        (equals("ΣΊΣΥΦΟΣ"), r#"{"f":"σίσυφος"}"#, true),
        (equals("k"), "{\"f\":\"\u{212A}\"}", true),
        (equals("\u{212A}"), r#"{"f":"K"}"#, true),
        (equals("ſ*"), r#"{"f":"S1"}"#, true),
        (cased("\u{212A}"), r#"{"f":"k"}"#, false),
        (equals("ı"), r#"{"f":"I"}"#, false),
        (equals("i"), r#"{"f":"İ"}"#, false),
        (cased("Ä"), r#"{"f":"ä"}"#, false),
    ]);
}

#[test]
fn absent_null_and_several_values() {
    let all = || Test::AllOf(vec![pattern("a*"), pattern("*b")]);
    check(vec![
        (equals("*"), r#"{"g":"x"}"#, false),
        (Test::HasValue, r#"{"g":"x"}"#, false),
        (Test::HasValue, r#"{"f":null}"#, false),
        (Test::HasValue, r#"{"f":""}"#, true),
        (Test::HasValue, r#"{"f":[]}"#, false),
        (Test::HasValue, r#"{"f":[null]}"#, false),
        (Test::HasValue, r#"{"f":[null,0]}"#, true),
        (Test::HasValue, r#"{"f":{"g":1}}"#, true),
        (Test::Exists, r#"{"g":"x"}"#, false),
        (Test::Exists, r#"{"f":null}"#, true),
        (Test::Exists, r#"{"f":[]}"#, false),
        (Test::Exists, r#"{"f":[null]}"#, true),
        (equals("b"), r#"{"f":["a","b"]}"#, true),
        (equals("c"), r#"{"f":["a","b"]}"#, false),
        (equals("a"), r#"{"f":{"g":"a"}}"#, false),
        (
            Test::AnyOf(vec![pattern("x"), pattern("B")]),
            r#"{"f":["a","b"]}"#,
            true,
        ),
        (all(), r#"{"f":["ax","xb"]}"#, true),
        (all(), r#"{"f":"ab"}"#, true),
        (all(), r#"{"f":["ax","x"]}"#, false),
    ]);
}

#[test]
fn numbers_by_value_and_by_text() {
    let padded = || {
        Test::Number(
            Equal,
            Number {
                text: "0777".to_owned(),
                integer: Some(777),
                float: 777.0,
            },
        )
    };
    check(vec![
        (compare(Equal, "1"), r#"{"f":1}"#, true),
        (compare(Equal, "1"), r#"{"f":1.0}"#, true),
        (compare(Equal, "1"), r#"{"f":"1"}"#, true),
        (compare(Equal, "1"), r#"{"f":"1.0"}"#, false),
        (compare(Equal, "1"), r#"{"f":true}"#, false),
        (compare(Equal, "1"), r#"{"f":[2,1]}"#, true),
        (padded(), r#"{"f":777}"#, true),
        (padded(), r#"{"f":"0777"}"#, true),
        (padded(), r#"{"f":"777"}"#, true),
        (padded(), r#"{"f":"00777"}"#, false),
        (compare(Equal, "1.10"), r#"{"f":"1.10"}"#, true),
        (compare(Equal, "1.10"), r#"{"f":"1.1"}"#, true),
        (compare(Equal, "1.10"), r#"{"f":1.1}"#, true),
        (compare(Equal, "1E3"), r#"{"f":"1e3"}"#, true),
        (
            compare(Equal, "9007199254740993"),
            r#"{"f":9007199254740993}"#,
            true,
        ),
        (
            compare(Equal, "9007199254740993"),
            r#"{"f":9007199254740992}"#,
            false,
        ),
        (
            compare(Greater, "9007199254740992.0"),
            r#"{"f":9007199254740993}"#,
            true,
        ),
        (equals("46*"), r#"{"f":4688}"#, true),
        (equals("1.5"), r#"{"f":1.5}"#, true),
        (equals("TRUE"), r#"{"f":true}"#, true),
        (compare(GreaterOrEqual, "5"), r#"{"f":"5.0"}"#, true),
        (compare(Greater, "5"), r#"{"f":"0x10"}"#, false),
        (compare(Greater, "5"), r#"{"f":" 6"}"#, false),
        (compare(Greater, "5"), r#"{"f":"inf"}"#, false),
        (compare(Less, "-1.5"), r#"{"f":-2}"#, true),
        (compare(Less, "-1.5"), r#"{"f":-1}"#, false),
        (compare(LessOrEqual, "5"), r#"{"f":null}"#, false),
        (compare(LessOrEqual, "5"), r#"{"f":[9,"4"]}"#, true),
        (Test::Bool(true), r#"{"f":true}"#, true),
        (Test::Bool(true), r#"{"f":"TRUE"}"#, true),
        (Test::Bool(true), r#"{"f":false}"#, false),
        (Test::Bool(false), r#"{"f":0}"#, false),
    ]);
}

#[test]
fn networks() {
    check(vec![
        (cidr("10.0.0.0/8"), r#"{"f":"10.1.2.3"}"#, true),
        (cidr("10.0.0.0/8"), r#"{"f":"11.1.2.3"}"#, false),
        (cidr("10.0.0.0/8"), r#"{"f":"::ffff:10.1.2.3"}"#, true),
        (cidr("::ffff:10.0.0.0/104"), r#"{"f":"10.1.2.3"}"#, true),
        (cidr("::ffff:10.0.0.0/104"), r#"{"f":"11.1.2.3"}"#, false),
        (cidr("::/0"), r#"{"f":"::ffff:10.1.2.3"}"#, false),
        (cidr("fe80::/10"), r#"{"f":"FE80::1"}"#, true),
        (cidr("0.0.0.0/0"), r#"{"f":"host"}"#, false),
        (cidr("0.0.0.0/0"), r#"{"f":["-","1.2.3.4"]}"#, true),
    ]);
}

#[test]
fn field_references() {
    use Relation::{Contains, Equals, StartsWith};
    check(vec![
        (reference("g", Equals, false), r#"{"f":"A","g":"a"}"#, true),
        (reference("g", Equals, true), r#"{"f":"A","g":"a"}"#, false),
        (reference("g", Equals, false), r#"{"f":"a"}"#, false),
        (reference("g", Equals, false), r#"{"g":"a"}"#, false),
        (reference("g", Equals, false), r#"{"f":null,"g":null}"#, false),
        (reference("g", Equals, false), r#"{"f":1,"g":1.0}"#, true),
        (reference("g", Equals, false), r#"{"f":1,"g":"1"}"#, true),
        (
            reference("g", Equals, false),
            r#"{"f":["x","y"],"g":["z","Y"]}"#,
            true,
        ),
        (reference("g", StartsWith, false), r#"{"f":"ABc","g":"ab"}"#, true),
        (
            reference("g", StartsWith, false),
            r#"{"f":"ab","g":"abc"}"#,
            false,
        ),
        (
            reference("g", Relation::EndsWith, false),
            r#"{"f":"xÄ","g":"ä"}"#,
            true,
        ),
        (reference("g", Contains, false), r#"{"f":"xABx","g":"ab"}"#, true),
        (reference("g", Contains, true), r#"{"f":"xABx","g":"ab"}"#, false),
        (reference("g", Contains, false), r#"{"f":"x","g":""}"#, true),
    ]);
}

#[test]
fn parts_of_times() {
    use TimePart::{Day, Hour, Minute, Month, Week, Year};
    let at = |part, text| time_part(part, Equal, text);
    check(vec![
        (at(Hour, "8"), r#"{"f":"2026-01-05T08:30:00Z"}"#, true),
        (at(Hour, "8"), r#"{"f":"2026-01-05 08:30:00"}"#, true),
        (at(Hour, "8"), r#"{"f":"2026-01-05 08:30:00.123"}"#, true),
        (
            at(Hour, "8"),
            r#"{"f":"2026-01-05T10:30:00.1234567+02:00"}"#,
            true,
        ),
        (at(Hour, "10"), r#"{"f":"2026-01-05T10:30:00+02:00"}"#, false),
        (at(Minute, "30"), r#"{"f":"2026-01-05T08:30:00+0000"}"#, true),
        (at(Day, "31"), r#"{"f":"2026-01-01T01:00:00+02:00"}"#, true),
        (at(Year, "2025"), r#"{"f":"2026-01-01T01:00:00+02:00"}"#, true),
        (at(Month, "12"), r#"{"f":"2025-12-31"}"#, true),
        (at(Week, "1"), r#"{"f":"2025-12-31T00:00:00Z"}"#, true),
        (at(Week, "53"), r#"{"f":"2021-01-03T23:59:59Z"}"#, true),
        (at(Year, "2023"), r#"{"f":1700000000}"#, true),
        (at(Year, "2023"), r#"{"f":1700000000000}"#, true),
        (at(Year, "2023"), r#"{"f":1700000000.5}"#, true),
        (at(Year, "2023"), r#"{"f":"1700000000"}"#, true),
        (at(Year, "2023"), r#"{"f":"20231114"}"#, true),
        (at(Hour, "0"), r#"{"f":"midnight"}"#, false),
        (
            time_part(Hour, GreaterOrEqual, "8"),
            r#"{"f":"2026-01-05T08:00:00Z"}"#,
            true,
        ),
        (
            time_part(Hour, Less, "8"),
            r#"{"f":"2026-01-05T08:00:00Z"}"#,
            false,
        ),
    ]);
    assert_eq!(parse_time("2026-01-05T08:00:00[Europe/Berlin]"), None);
}

#[test]
fn regular_expressions_search_and_tell_case_apart() {
    let none = Flags::default();
    let ignore_case = Flags {
        ignore_case: true,
        ..none
    };
    let dot_all = Flags {
        dot_all: true,
        ..none
    };
    let multi_line = Flags {
        multi_line: true,
        ..none
    };
    check(vec![
        (regular("b.d", none), r#"{"f":"abcde"}"#, true),
        (regular("b.d", none), r#"{"f":"aBcde"}"#, false),
        (regular("b.d", ignore_case), r#"{"f":"aBcde"}"#, true),
        (regular("b.d", none), r#"{"f":"ab\nde"}"#, false),
        (regular("b.d", dot_all), r#"{"f":"ab\nde"}"#, true),
        (regular("^b", multi_line), r#"{"f":"a\nb"}"#, true),
        (regular("^46", none), r#"{"f":4688}"#, true),
        (regular(".*", none), r#"{"f":null}"#, false),
        (irregular("a(?!b)", none), r#"{"f":"abac"}"#, true),
        (irregular("a(?!b)", none), r#"{"f":"ab"}"#, false),
        (irregular("A(?!b)", ignore_case), r#"{"f":"ac"}"#, true),
        (irregular(r"(\d)\1", none), r#"{"f":"٣٣"}"#, false),
        (irregular(r"(\d)\1", none), r#"{"f":"33"}"#, true),
        (irregular(r"(?=x)x[\w-]\b", none), r#"{"f":"x-x"}"#, true),
        (irregular(r"(?=x)x\b", none), r#"{"f":"xä"}"#, true),
        (irregular("(?=x)x$", none), r#"{"f":"x\n"}"#, true),
        (irregular("(?=x)x$", none), r#"{"f":"x\n\n"}"#, false),
        (irregular("(?=x)x$", multi_line), r#"{"f":"x\ny"}"#, true),
        (irregular("(?=x)x\\Z", none), r#"{"f":"x\n\n"}"#, false),
        (irregular("^(?!x)", multi_line), r#"{"f":"x\n"}"#, false),
        (irregular("^(?!x)", multi_line), r#"{"f":"x\ny"}"#, true),
        (irregular("(?=a)a{2}{b", none), r#"{"f":"aa{b"}"#, true),
        (irregular(r"(?=\<)<", none), r#"{"f":"a<"}"#, true),
        (irregular("(?=.)[]a[$]x", none), r#"{"f":"]x"}"#, true),
        (irregular("(?=.)[^]a]x", none), r#"{"f":"]x"}"#, false),
    ]);
}

#[test]
fn what_cannot_be_run_is_an_error() {
    let compile = |test| {
        let error = Matcher::compile(&on("f", test)).unwrap_err();
        error.code
    };
    assert_eq!(
        compile(Test::QueryExpression("f == 1".to_owned())),
        Code::NOT_EVALUABLE
    );
    let flags = Flags::default();
    assert_eq!(compile(regular(r"(\w{900}){900}", flags)), Code::NOT_EVALUABLE);
}

#[test]
fn deep_logic_runs_and_logic_beyond_the_limit_is_an_error() {
    let nested = |levels: usize| (0..levels).fold(on("f", equals("x")), |body, _| Expr::Not(Box::new(body)));
    let deep = nested(1_400);
    assert!(matches(&deep, r#"{"f":"x"}"#));
    let explanation = Matcher::compile(&deep).unwrap().explain(&event("{}"));
    assert_eq!(explanation.render().lines().count(), 1_401);
    let error = Matcher::compile(&nested(1_600)).unwrap_err();
    assert_eq!(error.code, Code::NOT_EVALUABLE);
}

#[test]
fn keywords_look_at_all_values_and_at_no_name() {
    let json = r##"{"a":{"evil name":["x",{"b":"an EVIL one"}]},"n":4711,"t":true,"z":null}"##;
    for (test, expected) in [
        (equals("*evil*"), true),
        (equals("*name*"), false),
        (equals("*71*"), true),
        (equals("*true*"), true),
        (equals("*null*"), false),
        (Test::AllOf(vec![pattern("*evil*"), pattern("*471*")]), true),
        (Test::AllOf(vec![pattern("*evil*"), pattern("*472*")]), false),
        (Test::AnyOf(vec![pattern("*no*"), pattern("*X*")]), true),
        (regular("EVIL", Flags::default()), true),
        (regular("evil", Flags::default()), false),
    ] {
        let expr = keyword(test);
        assert_eq!(matches(&expr, json), expected, "{expr}");
    }
}

#[test]
fn fields_are_keys_then_paths() {
    for (name, json, expected) in [
        ("a.b", r#"{"a.b":"x"}"#, true),
        ("a.b", r#"{"a":{"b":"x"}}"#, true),
        ("a.b", r#"{"a.b":"y","a":{"b":"x"}}"#, false),
        ("a.b", r#"{"a.b":null,"a":{"b":"x"}}"#, false),
        ("a.b", r#"{"a":[{"b":"y"},{"b":"x"}]}"#, true),
        ("a.b", r#"{"a":[{"c":"y"},"x"]}"#, false),
        ("a.b.c", r#"{"a":{"b.c":"x"}}"#, true),
        ("a.b.c", r#"{"a.b":{"c":"x"}}"#, true),
        ("a.b.c", r#"{"a":{"b":[{"c":["y","x"]}]}}"#, true),
        ("b", r#"{"a":{"b":"x"}}"#, false),
        ("A", r#"{"a":"x"}"#, false),
        ("SourceName", r#"{"Source Name":"x"}"#, true),
        ("Source Name", r#"{"SourceName":"x"}"#, false),
    ] {
        assert_eq!(
            matches(&on(name, equals("x")), json),
            expected,
            "{name} in {json}"
        );
    }
}

#[test]
fn windows_events_have_sigmas_names() {
    let json = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":{"#attributes":{"Qualifiers":"1"},"#text":4688},
        "Channel":"Security","Computer":"host","TimeCreated":{"#attributes":{"SystemTime":"2026-03-11T05:16:41.816327Z"}},"Level":2},
        "EventData":{"Image":"C:\\x.exe","Source Name":"defender","Level":"data","Data":[{"@Name":"Named","#text":"by attribute"}]}}}"##;
    for (name, value) in [
        ("EventID", "4688"),
        ("Provider_Name", "P"),
        ("Channel", "Security"),
        ("Computer", "host"),
        ("TimeCreated_SystemTime", "2026*"),
        ("Image", "*\\x.exe"),
        ("SourceName", "defender"),
        ("Level", "data"),
        ("Named", "by attribute"),
        ("Event.System.Channel", "Security"),
    ] {
        assert!(matches(&on(name, equals(value)), json), "{name}");
    }
    assert!(matches(&on("EventID", Test::Number(Equal, number("4688"))), json));
    assert_eq!(event(json).time(None), "2026-03-11T05:16:41.816327Z".parse().ok());
    let user_data = r#"{"Event":{"System":{"EventID":1},"UserData":{"Operation":{"User":"x"}}}}"#;
    assert!(matches(&on("User", equals("x")), user_data));
    let winlogbeat =
        r#"{"winlog":{"event_id":1,"channel":"c","event_data":{"Image":"i","Source Name":"s"}}}"#;
    for (name, value) in [
        ("EventID", "1"),
        ("Channel", "c"),
        ("Image", "i"),
        ("SourceName", "s"),
    ] {
        assert!(matches(&on(name, equals(value)), winlogbeat), "{name}");
    }
    assert!(matches(
        &on("Image", equals("i")),
        r#"{"winlog.event_data.Image":"i"}"#
    ));
}

#[test]
fn explanations_show_what_held_and_the_values() {
    let expr = Expr::And(vec![
        on("Image", equals("*\\cmd.exe")),
        Expr::Not(Box::new(Expr::Or(vec![
            on("User", Test::HasValue),
            on("EventID", compare(Equal, "1")),
        ]))),
        keyword(equals("*evil*")),
    ]);
    let matcher = Matcher::compile(&expr).unwrap();
    let explanation = matcher.explain(&event(r#"{"Image":"C:\\cmd.exe","EventID":[1,"\u001b[2J"]}"#));
    assert_eq!(explanation.outcome, Outcome::Failed);
    assert_eq!(
        explanation.render(),
        concat!(
            "- all of\n",
            "  + Image matches \"*\\cmd.exe\"  (is \"C:\\\\cmd.exe\")\n",
            "  - not\n",
            "    + any of\n",
            "      - User has a value  (absent)\n",
            "      + EventID = 1  (is 1, \"\\u001b[2J\")\n",
            "  - any value matches \"*evil*\"\n",
        )
    );
}
