//! Spells a column: plain, as a member of a dynamic column, with casts composed around it.

use crate::backend::emit::forms::{Cast, Refused};
use crate::backend::language::{Argument, Language, Macro, Parameter, Session, Stage};
use crate::diagnostic::{Code, Diagnostic, Result, Span};
use crate::normalize::Column;

/// A column as the stage spells it, without a cast.
pub(super) fn spell(stage: &Stage, session: &mut Session<'_>, column: &Column) -> Result<String> {
    let split = column.member_of as usize;
    if split > 0
        && let Some(member) = stage.find("member")
        && let (Some(base), Some(path)) = (column.name.get(..split), column.name.get(split + 1..))
    {
        let base = identifier(stage, session, base)?;
        return member_text(stage, session, member, &base, path);
    }
    identifier(stage, session, &column.name)
}

/// A column with a cast composed around it.
pub(super) fn cast(
    stage: &Stage,
    session: &mut Session<'_>,
    field: String,
    cast: Option<Cast<'_>>,
) -> Result<String> {
    match cast {
        None => Ok(field),
        Some(cast) => apply(stage, session, cast.spelling, &field),
    }
}

/// A macro of one field, called on a spelled field.
pub(super) fn apply(
    stage: &Stage,
    session: &mut Session<'_>,
    spelling: &Macro,
    field: &str,
) -> Result<String> {
    let mut out = String::with_capacity(field.len() + 16);
    session.call(stage, spelling, &[Argument::Text(field)], &mut out)?;
    Ok(out)
}

/// A column among the output columns: its text, and the name that it has in the output. A member of a dynamic column gets
/// the name of its last part, unless `taken` has it: then the whole path.
pub(super) fn output(
    language: &Language,
    stage: &Stage,
    session: &mut Session<'_>,
    column: &Column,
    taken: &[String],
) -> Result<(String, String)> {
    let spelled = spell(stage, session, column)?;
    let (true, Some(output)) = (column.member_of > 0, stage.find("output")) else {
        return Ok((spelled.clone(), spelled));
    };
    let last = column.name.rsplit('.').next().unwrap_or(&column.name);
    let mut name = plain_identifier(stage, last)?;
    if taken.contains(&name) {
        name = plain_identifier(stage, &column.name.replace('.', "_"))?;
    }
    let as_text = text_cast(stage, class(language, column)).flatten();
    let field = cast(stage, session, spelled, as_text)?;
    let mut out = String::with_capacity(field.len() + name.len() + 3);
    session.call(
        stage,
        output,
        &[Argument::Text(&field), Argument::Text(&name)],
        &mut out,
    )?;
    Ok((out, name))
}

/// Why a stage cannot spell a column, if it cannot.
pub(super) fn refusal(stage: &Stage, column: &Column) -> Option<Refused> {
    let split = column.member_of as usize;
    let base = stage.find("member").and_then(|_| column.name.get(..split));
    let name = base.filter(|base| !base.is_empty()).unwrap_or(&column.name);
    stage.identifier.spell(stage, name).err().map(|mut refusal| {
        refusal.reason = format!("in the name of the field, {}", refusal.reason);
        Refused {
            construct: "the name of a field",
            reason: Some(refusal),
        }
    })
}

fn plain_identifier(stage: &Stage, name: &str) -> Result<String> {
    stage.identifier.spell(stage, name).map_err(|refusal| {
        Box::new(Diagnostic::error(
            Code::UNSUPPORTED_VALUE,
            format!("the field name {name:?} cannot be written: {}", refusal.reason),
            Span::default(),
        ))
    })
}

fn identifier(stage: &Stage, session: &mut Session<'_>, name: &str) -> Result<String> {
    let spelled = plain_identifier(stage, name)?;
    match stage.find("column") {
        None => Ok(spelled),
        Some(column) => {
            let mut out = String::with_capacity(spelled.len() + 4);
            session.call(stage, column, &[Argument::Text(&spelled)], &mut out)?;
            Ok(out)
        }
    }
}

fn member_text(
    stage: &Stage,
    session: &mut Session<'_>,
    member: &Macro,
    base: &str,
    path: &str,
) -> Result<String> {
    let mut text = String::new();
    for parameter in &member.parameters {
        if let Parameter::Context(context) = parameter {
            stage.print_text(*context, path, &mut text).map_err(|refusal| {
                Box::new(Diagnostic::error(
                    Code::UNSUPPORTED_VALUE,
                    format!("the member {path:?} cannot be written: {}", refusal.reason),
                    Span::default(),
                ))
            })?;
        }
    }
    let mut out = String::with_capacity(base.len() + text.len() + 4);
    session.call_again(stage, member, &[base, &text], &mut out)?;
    Ok(out)
}

/// The class of a column in the language.
pub(super) fn class<'l>(language: &'l Language, column: &Column) -> &'l str {
    language.class_of(column.kind.as_deref())
}

/// The cast that brings a class to another one, for operands that have no form of their own.
pub(super) fn text_cast<'l>(stage: &'l Stage, class: &str) -> Option<Option<Cast<'l>>> {
    if class == "text" {
        return Some(None);
    }
    let name = format!("as_text_{class}");
    stage.find(&name).map(|spelling| {
        Some(Cast {
            form: "as_text",
            spelling,
        })
    })
}
