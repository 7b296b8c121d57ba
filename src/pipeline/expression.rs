//! `*_cond_expr`: logic over the names of conditions, with `and`, `or`, `not` and parentheses.
//!
//! `not` binds before `and`, `and` before `or`, as in pySigma.

/// How deep an expression may nest.
const DEPTH: usize = 100;

/// Logic over conditions, by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Condition(usize),
}

impl Expression {
    /// Parses an expression over `names`; the error says what is wrong.
    pub(super) fn parse(text: &str, names: &[String]) -> Result<Self, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut parser = Parser {
            words: spaced.split_whitespace().peekable(),
            names,
            depth: 0,
        };
        let expression = parser.any()?;
        match parser.words.next() {
            Some(word) => Err(format!("`{word}` is out of place in the expression")),
            None => Ok(expression),
        }
    }

    /// Whether the expression holds, given whether a condition does.
    pub(super) fn holds(&self, condition: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(condition)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(condition)),
            Self::Not(part) => !part.holds(condition),
            Self::Condition(index) => condition(*index),
        }
    }

    /// Whether a condition is named.
    pub(super) fn names(&self, index: usize) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.names(index)),
            Self::Not(part) => part.names(index),
            Self::Condition(condition) => *condition == index,
        }
    }
}

struct Parser<'text, Words: Iterator<Item = &'text str>> {
    words: std::iter::Peekable<Words>,
    names: &'text [String],
    depth: usize,
}

impl<'text, Words: Iterator<Item = &'text str>> Parser<'text, Words> {
    fn any(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.all()?];
        while self.words.next_if_eq(&"or").is_some() {
            parts.push(self.all()?);
        }
        Ok(single(parts, Expression::Or))
    }

    fn all(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.term()?];
        while self.words.next_if_eq(&"and").is_some() {
            parts.push(self.term()?);
        }
        Ok(single(parts, Expression::And))
    }

    fn term(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("the expression is nested more than {DEPTH} deep"));
        }
        let expression = match self.words.next() {
            Some("not") => Expression::Not(Box::new(self.term()?)),
            Some("(") => {
                let inner = self.any()?;
                if self.words.next() != Some(")") {
                    return Err("a closing parenthesis is missing in the expression".to_owned());
                }
                inner
            }
            Some(word) => match self.names.iter().position(|name| name == word) {
                Some(index) => Expression::Condition(index),
                None => return Err(format!("the expression names `{word}`, which is no condition")),
            },
            None => return Err("the expression ends too early".to_owned()),
        };
        self.depth -= 1;
        Ok(expression)
    }
}

fn single(mut parts: Vec<Expression>, group: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(part) if parts.is_empty() => part,
        Some(part) => {
            parts.push(part);
            group(parts)
        }
        None => group(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    fn holds(text: &str, values: [bool; 3]) -> bool {
        let names = ["a", "b", "c-1"].map(str::to_owned);
        Expression::parse(text, &names)
            .unwrap()
            .holds(&|index| values[index])
    }

    #[test]
    fn precedence_is_not_and_or() {
        for a in [false, true] {
            for b in [false, true] {
                for c in [false, true] {
                    assert_eq!(holds("not a and b or c-1", [a, b, c]), (!a && b) || c);
                    assert_eq!(holds("a or b and not (c-1 or a)", [a, b, c]), a || (b && !c));
                }
            }
        }
    }

    #[test]
    fn faults_are_errors() {
        let names = ["a".to_owned()];
        let deep = "not ".repeat(10_000) + "a";
        for text in ["", "a b", "a and", "(a", "x", "a)", "or", deep.as_str()] {
            assert!(Expression::parse(text, &names).is_err(), "{text:.20}");
        }
    }
}
