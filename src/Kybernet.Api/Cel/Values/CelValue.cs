using System.Text.RegularExpressions;
using Kybernet.Api.Schema.Structural;

namespace Kybernet.Api.Cel;

/// <summary>A value that an expression is about or comes to. Immutable.</summary>
public abstract class CelValue
{
    /// <summary>Null.</summary>
    public static CelValue Null { get; } = new CelNull();

    /// <summary>The value's type, as far as the value itself knows it.</summary>
    public abstract CelType Type { get; }

    /// <summary>How much it holds, for what costs as much: characters, bytes, items or entries; 1 for what is one thing.</summary>
    internal virtual long Size => 1;

    /// <summary>How many values there are in it all in all, those that are in it several times each time: what it takes to look at all of it.</summary>
    internal virtual double Weight => 1;

    /// <summary>Whether it is the same as another, as <c>==</c> understands it: numbers of different types are compared by value.</summary>
    internal abstract bool Same(CelValue other);

    private sealed class CelNull : CelValue
    {
        public override CelType Type => CelType.Null;

        internal override bool Same(CelValue other) => other is CelNull;

        public override string ToString() => "null";
    }
}

/// <summary>That an expression, or a part of one, has no value. What needs its value has none either.</summary>
/// <param name="message">Why.</param>
internal sealed class CelError(string message) : CelValue
{
    public static CelError NoSuchOverload { get; } = new("no such overload");

    public string Message => message;

    public override CelType Type => CelType.Dyn;

    public static CelError NoSuchKey(string key) => new($"no such key: {key}");

    internal override bool Same(CelValue other) => false;
}

/// <summary>A boolean.</summary>
public sealed class CelBool : CelValue
{
    private CelBool(bool value) => Value = value;

    /// <summary>True.</summary>
    public static CelBool True { get; } = new(true);

    /// <summary>False.</summary>
    public static CelBool False { get; } = new(false);

    /// <summary>The value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override CelType Type => CelType.Bool;

    /// <summary>One of the two.</summary>
    public static CelBool Of(bool value) => value ? True : False;

    /// <inheritdoc/>
    public override string ToString() => Value ? "true" : "false";

    internal override bool Same(CelValue other) => ReferenceEquals(this, other);
}

/// <summary>A string.</summary>
/// <param name="value">The value.</param>
public sealed class CelString(string value) : CelValue
{
    private Regex? _pattern;

    /// <summary>The value.</summary>
    public string Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.String;

    internal override long Size => CodePoints.Count(Value);

    /// <summary>The pattern that it spells; compiled once, since patterns are literals of expressions that are evaluated often.</summary>
    /// <exception cref="ArgumentException">It is no pattern.</exception>
    internal Regex Pattern => _pattern ??= StructuralSchema.CompilePattern(Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    internal override bool Same(CelValue other) => other is CelString text && text.Value == Value;
}

/// <summary>Bytes.</summary>
/// <param name="value">The value.</param>
public sealed class CelBytes(byte[] value) : CelValue
{
    /// <summary>The value.</summary>
    public ReadOnlyMemory<byte> Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Bytes;

    internal override long Size => Value.Length;

    /// <inheritdoc/>
    public override string ToString() => Convert.ToBase64String(Value.Span);

    internal override bool Same(CelValue other) => other is CelBytes bytes && bytes.Value.Span.SequenceEqual(Value.Span);
}

/// <summary>A type, as a value: what <c>type(x)</c> comes to.</summary>
/// <param name="named">The type.</param>
internal sealed class CelTypeValue(CelType named) : CelValue
{
    public CelType Named => named;

    public override CelType Type => CelType.Type;

    public override string ToString() => named.Name;

    internal override bool Same(CelValue other) => other is CelTypeValue type && type.Named.Name == named.Name;
}
