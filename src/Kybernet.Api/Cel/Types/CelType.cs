namespace Kybernet.Api.Cel;

/// <summary>The type of an expression or of a value.</summary>
public class CelType
{
    private const string OptionalName = "optional_type";

    private protected CelType(CelKind kind, string name, params IReadOnlyList<CelType> parameters)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters;
    }

    /// <summary>Any value.</summary>
    public static CelType Dyn { get; } = new(CelKind.Dyn, "dyn");

    /// <summary>Null.</summary>
    public static CelType Null { get; } = new(CelKind.Null, "null");

    /// <summary>A boolean.</summary>
    public static CelType Bool { get; } = new(CelKind.Bool, "bool");

    /// <summary>A signed integer.</summary>
    public static CelType Int { get; } = new(CelKind.Int, "int");

    /// <summary>An unsigned integer.</summary>
    public static CelType Uint { get; } = new(CelKind.Uint, "uint");

    /// <summary>A floating-point number.</summary>
    public static CelType Double { get; } = new(CelKind.Double, "double");

    /// <summary>A string.</summary>
    public static CelType String { get; } = new(CelKind.String, "string");

    /// <summary>Bytes.</summary>
    public static CelType Bytes { get; } = new(CelKind.Bytes, "bytes");

    /// <summary>A moment.</summary>
    public static CelType Timestamp { get; } = new(CelKind.Timestamp, "google.protobuf.Timestamp");

    /// <summary>A span of time.</summary>
    public static CelType Duration { get; } = new(CelKind.Duration, "google.protobuf.Duration");

    /// <summary>A type, as a value.</summary>
    public static CelType Type { get; } = new(CelKind.Type, "type");

    /// <summary>A list of anything.</summary>
    public static CelType List { get; } = ListOf(Dyn);

    /// <summary>A map of anything.</summary>
    public static CelType Map { get; } = MapOf(Dyn, Dyn);

    /// <summary>What sort of values it has.</summary>
    public CelKind Kind { get; }

    /// <summary>Its name, without parameters.</summary>
    public string Name { get; }

    /// <summary>A list's items' type; a map's keys' and values' types.</summary>
    public IReadOnlyList<CelType> Parameters { get; }

    /// <summary>How the items of a list belong together: a set is equal to another whatever the order.</summary>
    public Schema.ListType ListType { get; init; }

    /// <summary>The fields that tell apart the items of a list that is a map.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary>The most that a value of the type can hold: characters, bytes, items or entries; null where nothing says.</summary>
    public long? MaxSize { get; init; }

    /// <summary>Whether the value may be optional.</summary>
    internal bool IsOptional => Kind == CelKind.Opaque && Name == OptionalName;

    internal bool IsDyn => Kind == CelKind.Dyn;

    /// <summary>A list.</summary>
    public static CelType ListOf(CelType item) => new(CelKind.List, "list", item);

    /// <summary>A map.</summary>
    public static CelType MapOf(CelType key, CelType value) => new(CelKind.Map, "map", key, value);

    /// <summary>A value that may be there or not.</summary>
    internal static CelType OptionalOf(CelType value) => new(CelKind.Opaque, OptionalName, value);

    /// <summary>A value of a library.</summary>
    internal static CelType Opaque(string name) => new(CelKind.Opaque, name);

    /// <summary>The type of a type.</summary>
    internal static CelType TypeOf(CelType type) => new(CelKind.Type, "type", type);

    /// <summary>A type that is worked out where a function is called.</summary>
    internal static CelType Parameter(string name) => new(CelKind.Parameter, name);

    /// <summary>The same type of so much at most.</summary>
    internal CelType Bounded(long maxSize) => new(Kind, Name, Parameters) { ListType = ListType, ListKeys = ListKeys, MaxSize = maxSize };

    /// <summary>The same list whose items belong together otherwise.</summary>
    internal CelType Keyed(Schema.ListType listType, IReadOnlyList<string> keys) =>
        new(Kind, Name, Parameters) { ListType = listType, ListKeys = keys, MaxSize = MaxSize };

    /// <summary>The same type with other parameters.</summary>
    internal CelType With(IReadOnlyList<CelType> parameters) => new(Kind, Name, parameters) { ListType = ListType, ListKeys = ListKeys, MaxSize = MaxSize };

    /// <summary>As errors name it: <c>list(int)</c>.</summary>
    public override string ToString() => Parameters.Count == 0 ? Name : $"{Name}({string.Join(", ", Parameters)})";
}
