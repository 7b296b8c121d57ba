//! Dates of the metadata: `YYYY-MM-DD`, years 1900 to 2999, days that exist.

/// What a text is as a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateForm {
    /// `YYYY-MM-DD`
    Valid,
    /// `YYYY/MM/DD`, the old form.
    Slashes,
    /// No date, or a day that does not exist.
    Invalid,
}

pub(super) fn form(text: &str) -> DateForm {
    let (form, separator) = match text.as_bytes().get(4) {
        Some(b'-') => (DateForm::Valid, '-'),
        Some(b'/') => (DateForm::Slashes, '/'),
        Some(_) | None => return DateForm::Invalid,
    };
    let mut parts = text.split(separator);
    let mut number = |digits: usize| {
        let part = parts.next()?;
        let whole = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| whole)
    };
    let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
        return DateForm::Invalid;
    };
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
        return DateForm::Invalid;
    };
    let exists = (1900..=2999).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok();
    if exists && parts.next().is_none() {
        form
    } else {
        DateForm::Invalid
    }
}

#[cfg(test)]
mod tests {
    use super::{DateForm, form};

    #[test]
    fn only_real_days_are_dates() {
        for text in ["2024-02-29", "1900-01-01", "2999-12-31"] {
            assert_eq!(form(text), DateForm::Valid, "{text}");
        }
        assert_eq!(form("2024/02/29"), DateForm::Slashes);
        for text in [
            "2023-02-29",
            "2024-2-29",
            "2024-13-01",
            "2024-00-10",
            "1899-12-31",
            "3000-01-01",
            "2024-01-01T00",
            "2024-01/01",
            "2024-01-01-",
            "yesterday",
            "",
            "20240101",
            "+024-01-01",
            "2024-+1-01",
        ] {
            assert_eq!(form(text), DateForm::Invalid, "{text}");
        }
    }
}
