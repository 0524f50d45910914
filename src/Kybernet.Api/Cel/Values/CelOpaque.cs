namespace Kybernet.Api.Cel;

/// <summary>A value of a library, such as a quantity or a URL.</summary>
/// <param name="type">Its type.</param>
/// <param name="value">What it is.</param>
internal sealed class CelOpaque<T>(CelType type, T value) : CelValue
    where T : notnull
{
    public T Value => value;

    public override CelType Type => type;

    public override string ToString() => value.ToString() ?? "";

    internal override bool Same(CelValue other) => other is CelOpaque<T> opaque && opaque.Type.Name == type.Name && value.Equals(opaque.Value);
}
