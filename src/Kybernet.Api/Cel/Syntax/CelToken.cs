namespace Kybernet.Api.Cel;

internal enum CelTokenKind
{
    End,
    Identifier,
    Int,
    Uint,
    Double,
    String,
    Bytes,

    /// <summary>A word of the language, an operator or a bracket: told by its text.</summary>
    Symbol,
}

/// <summary>A word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Position">Where it begins.</param>
/// <param name="Text">As it is written.</param>
/// <param name="Value">What a literal stands for; null for anything else.</param>
internal readonly record struct CelToken(CelTokenKind Kind, int Position, string Text, CelValue? Value = null)
{
    public bool Is(string symbol) => Kind == CelTokenKind.Symbol && Text == symbol;
}
