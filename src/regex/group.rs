//! What begins with `(`, and references to groups.

use super::error::RegexError;
use super::frame::{Last, Modes};
use super::scanner::{Engine, Scanner};

impl Scanner<'_> {
    /// Reads the start of a group whose `(` has been read.
    pub(super) fn open(&mut self, start: usize) -> Result<(), RegexError> {
        if self.cursor.rest().starts_with('*') {
            return Err(self.unsupported(start, "a verb `(*…)`"));
        }
        if !self.cursor.eat("?") {
            self.captures += 1;
            return self.group(start, "(", false);
        }
        if self.cursor.eat("#") {
            return match self.cursor.take_until(")") {
                Some(_) => Ok(()),
                None => Err(RegexError::invalid(
                    "comment without its `)`",
                    self.cursor.since(start),
                )),
            };
        }
        for (mark, construct) in [
            ("=", "look-ahead"),
            ("!", "look-ahead"),
            ("<=", "look-behind"),
            ("<!", "look-behind"),
            (">", "an atomic group"),
        ] {
            if self.cursor.eat(mark) {
                self.note_irregular(construct);
                return self.group(start, &format!("(?{mark}"), mark != ">");
            }
        }
        if self.cursor.eat(":") {
            return self.group(start, "(?:", false);
        }
        for (mark, close) in [("P<", ">"), ("<", ">"), ("'", "'")] {
            if self.cursor.eat(mark) {
                return self.named(start, close);
            }
        }
        if self.cursor.eat("P=") {
            let name = self.cursor.take_until(")").unwrap_or_default();
            return self.named_reference(start, name);
        }
        let construct = match self.cursor.peek() {
            Some('P' | 'R' | '&' | '0'..='9' | '+') => "recursion into a group",
            Some('-')
                if self
                    .cursor
                    .rest()
                    .chars()
                    .nth(1)
                    .is_some_and(|next| next.is_ascii_digit()) =>
            {
                "recursion into a group"
            }
            Some('(') => "a conditional group",
            Some('|') => "a branch reset group",
            Some('C') => "a callout",
            _ => return self.flags(start),
        };
        Err(self.unsupported(start, construct))
    }

    fn unsupported(&self, start: usize, construct: &str) -> RegexError {
        RegexError::unsupported(construct, self.cursor.since(start))
    }

    fn group(&mut self, start: usize, text: &str, look_around: bool) -> Result<(), RegexError> {
        self.text.push_str(text);
        self.push_frame(start, look_around)
    }

    fn named(&mut self, start: usize, close: &str) -> Result<(), RegexError> {
        let name = self
            .cursor
            .take_while(usize::MAX, |next| next.is_ascii_alphanumeric() || next == '_');
        if name.is_empty()
            || name.starts_with(|first: char| first.is_ascii_digit())
            || !self.cursor.eat(close)
        {
            return Err(RegexError::invalid(
                "group name that is not a word",
                self.cursor.since(start),
            ));
        }
        self.captures += 1;
        match self.engine {
            Engine::Automaton => self.group(start, "(", false),
            Engine::Backtracking => self.group(start, &format!("(?<{name}>"), false),
        }
    }

    /// Inline flags, for the rest of the group or for a group of their own.
    fn flags(&mut self, start: usize) -> Result<(), RegexError> {
        let letters = self.cursor.take_while(usize::MAX, |next| {
            next.is_ascii_alphabetic() || matches!(next, '-' | '^')
        });
        let before = self.frame.modes;
        let mut modes = before;
        let mut on = true;
        for (index, letter) in letters.chars().enumerate() {
            match letter {
                '^' if index == 0 => modes = Modes::default(),
                '-' if on => on = false,
                'U' | 'J' | 'n' => {
                    return Err(self.unsupported(start, &format!("the inline flag `{letter}`")));
                }
                _ if modes.set(letter, on) => {}
                _ => {
                    return Err(RegexError::invalid(
                        format!("unknown inline flag `{letter}`"),
                        self.cursor.since(start),
                    ));
                }
            }
        }
        if letters.contains("xx") {
            return Err(self.unsupported(start, "the inline flag `xx`"));
        }
        let change = change(before, modes);
        if self.cursor.eat(")") {
            if !change.is_empty() {
                self.text.push_str(&format!("(?{change})"));
            }
            self.frame.modes = modes;
            self.frame.last = Last::Nothing;
            return Ok(());
        }
        if !self.cursor.eat(":") {
            return Err(RegexError::invalid(
                "unknown kind of group",
                self.cursor.since(start),
            ));
        }
        self.group(start, &format!("(?{change}:"), false)?;
        self.frame.modes = modes;
        Ok(())
    }

    /// `\1`, `\g{…}`, `\k<…>`, or an octal escape.
    pub(super) fn back_reference(&mut self, start: usize, letter: char) -> Result<(), RegexError> {
        if letter.is_ascii_digit() {
            return self.numbered(start, letter);
        }
        let close = match self.cursor.bump() {
            Some('{') => "}",
            Some('<') if letter == 'k' => ">",
            Some('\'') if letter == 'k' => "'",
            Some(digit) if letter == 'g' && digit.is_ascii_digit() => {
                let more = self.cursor.take_while(3, |next| next.is_ascii_digit());
                return self.named_reference(start, &format!("{digit}{more}"));
            }
            _ => return Err(self.unsupported(start, &format!("this form of `\\{letter}`"))),
        };
        let name = self.cursor.take_until(close).unwrap_or_default();
        self.named_reference(start, name)
    }

    fn numbered(&mut self, start: usize, first: char) -> Result<(), RegexError> {
        let more = self
            .cursor
            .rest()
            .chars()
            .take_while(char::is_ascii_digit)
            .count()
            .min(3);
        let digits: String = std::iter::once(first)
            .chain(self.cursor.rest().chars().take(more))
            .collect();
        let number = digits.parse::<usize>().unwrap_or(usize::MAX);
        if number < 10 || number <= self.captures {
            self.cursor.take_while(more, |_| true);
            return self.named_reference(start, &digits);
        }
        if !first.is_digit(8) {
            return Err(RegexError::invalid(
                "reference to a group that does not exist",
                self.cursor.since(start),
            ));
        }
        let octal = self.cursor.take_while(2, |next| next.is_digit(8));
        let literal = super::escape::code_point(&format!("{first}{octal}"), 8, &self.cursor, start)?;
        self.literal(literal);
        Ok(())
    }

    /// Writes a reference to a group by name or number; a negative number counts back.
    fn named_reference(&mut self, start: usize, name: &str) -> Result<(), RegexError> {
        let target = if let Some(back) = name.strip_prefix('-') {
            back.parse::<usize>()
                .ok()
                .and_then(|back| (self.captures + 1).checked_sub(back))
                .map(|number| number.to_string())
        } else {
            Some(name.to_owned()).filter(|name| {
                !name.is_empty()
                    && name
                        .chars()
                        .all(|next| next.is_ascii_alphanumeric() || next == '_')
            })
        };
        let Some(target) = target.filter(|target| target != "0") else {
            return Err(RegexError::invalid(
                "reference to a group that does not exist",
                self.cursor.since(start),
            ));
        };
        self.note_irregular("back-reference");
        let text = if target.starts_with(|first: char| first.is_ascii_digit()) {
            format!("(?:\\{target})")
        } else {
            format!("\\k<{target}>")
        };
        self.atom(&text, true);
        // What is referred to may be empty.
        self.frame.line_start();
        Ok(())
    }
}

/// Flags that lead from some modes to others; the extended mode is never written, blanks being gone.
fn change(from: Modes, to: Modes) -> String {
    let modes = [
        ('i', from.ignore_case, to.ignore_case),
        ('m', from.multi_line, to.multi_line),
        ('s', from.dot_all, to.dot_all),
    ];
    let pick = |wanted: bool| {
        modes
            .iter()
            .filter(move |(_, from, to)| from != to && *to == wanted)
            .map(|(letter, _, _)| *letter)
    };
    let mut text: String = pick(true).collect();
    if pick(false).next().is_some() {
        text.push('-');
        text.extend(pick(false));
    }
    text
}
