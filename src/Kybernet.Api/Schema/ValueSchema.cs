namespace Kybernet.Api.Schema;

/// <summary>What a value may be.</summary>
public enum ValueKind
{
    /// <summary>A string.</summary>
    String,

    /// <summary>Bytes, in base64.</summary>
    Bytes,

    /// <summary>A boolean.</summary>
    Bool,

    /// <summary>An integer of 32 bits.</summary>
    Int32,

    /// <summary>An integer of 64 bits.</summary>
    Int64,

    /// <summary>A floating-point number.</summary>
    Number,

    /// <summary>An RFC 3339 time of whole seconds.</summary>
    Time,

    /// <summary>An RFC 3339 time with microseconds.</summary>
    MicroTime,

    /// <summary>A quantity, written as a string or a number.</summary>
    Quantity,

    /// <summary>An integer or a string.</summary>
    IntOrString,

    /// <summary>An object whose fields a <see cref="TypeSchema"/> lists.</summary>
    Object,

    /// <summary>A list.</summary>
    List,

    /// <summary>A map with string keys.</summary>
    Map,

    /// <summary>Anything.</summary>
    Any,
}

/// <summary>What a field, a list's item or a map's entry may be.</summary>
public sealed class ValueSchema
{
    private readonly Func<TypeSchema>? _resolve;
    private TypeSchema? _object;

    private ValueSchema(ValueKind kind, ValueSchema? item = null, Func<TypeSchema>? resolve = null)
    {
        Kind = kind;
        Item = item;
        _resolve = resolve;
    }

    /// <summary>Anything.</summary>
    public static ValueSchema Any { get; } = new(ValueKind.Any);

    /// <summary>Anything, null being a value of its own.</summary>
    public static ValueSchema AnyOrNull { get; } = new(ValueKind.Any) { Nullable = true };

    /// <summary>A string.</summary>
    public static ValueSchema String { get; } = new(ValueKind.String);

    /// <summary>What it may be.</summary>
    public ValueKind Kind { get; }

    /// <summary>What a list's items or a map's values are; null for other kinds.</summary>
    public ValueSchema? Item { get; }

    /// <summary>The object's fields; null for other kinds. Resolved when first asked for, since types may contain themselves.</summary>
    public TypeSchema? Object => _object ??= _resolve?.Invoke();

    /// <summary>Whether null is a value of its own here, rather than the absence of one.</summary>
    public bool Nullable { get; init; }

    /// <summary>The name of a type that may be anything, such as <c>machinery.runtime.RawExtension</c>; empty for what has none.</summary>
    public string AnyName { get; private init; } = "";

    /// <summary>Anything, by a name that the API's documents give it.</summary>
    public static ValueSchema AnyOf(string name) => new(ValueKind.Any) { AnyName = name };

    /// <summary>A value that has no parts.</summary>
    public static ValueSchema Of(ValueKind kind) => kind is ValueKind.Object or ValueKind.List or ValueKind.Map
        ? throw new ArgumentException($"{kind} has parts", nameof(kind))
        : new ValueSchema(kind);

    /// <summary>An object.</summary>
    /// <param name="type">Gives the object's fields; asked once they are needed.</param>
    /// <param name="nullable">Whether null is a value of its own.</param>
    public static ValueSchema ObjectOf(Func<TypeSchema> type, bool nullable = false) =>
        new(ValueKind.Object, resolve: type) { Nullable = nullable };

    /// <summary>A list.</summary>
    /// <param name="item">What the items are.</param>
    /// <param name="nullable">Whether null is a value of its own.</param>
    public static ValueSchema ListOf(ValueSchema item, bool nullable = false) => new(ValueKind.List, item) { Nullable = nullable };

    /// <summary>A map.</summary>
    /// <param name="value">What the values are.</param>
    /// <param name="nullable">Whether null is a value of its own.</param>
    public static ValueSchema MapOf(ValueSchema value, bool nullable = false) => new(ValueKind.Map, value) { Nullable = nullable };

    /// <summary>As an error about a value names the type: <c>int32</c>, <c>[]string</c>, <c>v1.PodSpec</c>.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.String => "string",
        ValueKind.Bytes => "[]uint8",
        ValueKind.Bool => "bool",
        ValueKind.Int32 => "int32",
        ValueKind.Int64 => "int64",
        ValueKind.Number => "float64",
        ValueKind.List => $"[]{Item}",
        ValueKind.Map => $"map[string]{Item}",
        ValueKind.Object => Object!.GoName,
        ValueKind.Time => "v1.Time",
        ValueKind.MicroTime => "v1.MicroTime",
        ValueKind.Quantity => "resource.Quantity",
        ValueKind.IntOrString => "intstr.IntOrString",
        _ => "interface {}",
    };
}
