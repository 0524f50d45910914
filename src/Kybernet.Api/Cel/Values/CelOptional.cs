namespace Kybernet.Api.Cel;

/// <summary>A value that may be there or not.</summary>
internal sealed class CelOptional : CelValue
{
    private CelOptional(CelValue? value) => Value = value;

    public static CelOptional None { get; } = new(null);

    /// <summary>The value; null where there is none.</summary>
    public CelValue? Value { get; }

    public override CelType Type { get; } = CelType.OptionalOf(CelType.Dyn);

    public static CelOptional Of(CelValue value) => new(value);

    public override string ToString() => Value is null ? "optional.none()" : $"optional({Value})";

    internal override bool Same(CelValue other) =>
        other is CelOptional optional && (Value is null ? optional.Value is null : optional.Value is not null && Value.Same(optional.Value));
}
