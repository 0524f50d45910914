namespace Kybernet.Api.Cel;

/// <summary>A part of an expression, as it is written; macros are expanded.</summary>
/// <param name="Position">Where in the text it is, for errors.</param>
internal abstract record CelExpression(int Position)
{
    /// <summary>How deep the parts within it are nested: whatever walks an expression does so recursively.</summary>
    public int Height { get; set; }
}

/// <summary>A literal.</summary>
internal sealed record ConstantExpression(int Position, CelValue Value) : CelExpression(Position);

/// <summary>A name; an absolute one is written with a leading dot, and no variable of a macro is meant then.</summary>
internal sealed record IdentifierExpression(int Position, string Name, bool IsAbsolute = false) : CelExpression(Position);

/// <summary>A field: <c>a.b</c>, <c>a.?b</c>, or whether there is one, <c>has(a.b)</c>.</summary>
internal sealed record SelectExpression(int Position, CelExpression Operand, string Field, bool IsTest = false, bool IsOptional = false) : CelExpression(Position);

/// <summary>A function, or an operator, which is a function of a name such as <c>_+_</c>.</summary>
internal sealed record CallExpression(int Position, string Function, CelExpression? Target, IReadOnlyList<CelExpression> Arguments) : CelExpression(Position);

/// <summary>A list. Items that are optional are left out where they have no value.</summary>
internal sealed record ListExpression(int Position, IReadOnlyList<(CelExpression Value, bool IsOptional)> Items) : CelExpression(Position);

/// <summary>A map.</summary>
internal sealed record MapExpression(int Position, IReadOnlyList<MapEntry> Entries) : CelExpression(Position);

/// <summary>An entry of a map.</summary>
internal sealed record MapEntry(int Position, CelExpression Key, CelExpression Value, bool IsOptional);

/// <summary>An object of a named type: <c>Object.spec{replicas: 1}</c>.</summary>
internal sealed record ObjectExpression(int Position, string Type, IReadOnlyList<ObjectEntry> Entries) : CelExpression(Position);

/// <summary>A field of an object that is made.</summary>
internal sealed record ObjectEntry(int Position, string Field, CelExpression Value, bool IsOptional);

/// <summary>A name for a value: <c>cel.bind(name, value, body)</c>.</summary>
internal sealed record BindExpression(int Position, string Name, CelExpression Value, CelExpression Body) : CelExpression(Position);

/// <summary>What is done with each item of a list, or with each entry of a map.</summary>
internal enum ComprehensionKind
{
    /// <summary>Whether all are such.</summary>
    All,

    /// <summary>Whether any is such.</summary>
    Exists,

    /// <summary>Whether exactly one is such.</summary>
    ExistsOne,

    /// <summary>A list of what each comes to.</summary>
    Map,

    /// <summary>A map with the same keys and what each comes to.</summary>
    TransformMap,

    /// <summary>A map of the entries that each comes to.</summary>
    TransformMapEntry,
}

/// <summary>A macro over the items of a list or the entries of a map.</summary>
/// <param name="Position">Where it is.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Range">The list or map.</param>
/// <param name="Variable">Stands for each item, or each key of a map; with a second variable, for each index of a list.</param>
/// <param name="Second">Stands for each item, or each value of a map; null where there is one variable only.</param>
/// <param name="Condition">Whether an item counts; null for any.</param>
/// <param name="Transform">What an item becomes; null for those that answer with a boolean.</param>
internal sealed record ComprehensionExpression(
    int Position,
    ComprehensionKind Kind,
    CelExpression Range,
    string Variable,
    string? Second,
    CelExpression? Condition,
    CelExpression? Transform) : CelExpression(Position);
