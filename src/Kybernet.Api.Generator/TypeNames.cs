namespace Kybernet.Api.Generator;

/// <summary>How a value of a type of the fact table is held, read and written in C#.</summary>
internal sealed class CSharpType(string name, string read, string write, string? empty, bool isValue)
{
    /// <summary>The type's name, without the question mark.</summary>
    public string Name { get; } = name;

    /// <summary>The expression that reads a value that is not null.</summary>
    public string Read { get; } = read;

    /// <summary>The statement that writes a value, as a format over the variable's name.</summary>
    public string Write { get; } = write;

    /// <summary>What an absent value is where it may not be null.</summary>
    public string? Empty { get; } = empty;

    public bool IsValue { get; } = isValue;

    public bool IsCollection => Empty is not null && (Name.StartsWith("System.Collections") || Name.StartsWith("IReadOnly"));
}

/// <summary>Maps spellings of the fact table to C#.</summary>
internal sealed class TypeNames
{
    private readonly Dictionary<string, TypeFact> _types = new();

    public TypeNames(IEnumerable<TypeFact> types)
    {
        foreach (var type in types)
        {
            _types[type.Name] = type;
        }
    }

    public CSharpType Resolve(string type)
    {
        if (type.StartsWith("[]"))
        {
            var item = Resolve(type.Substring(2));
            return new CSharpType(
                $"IReadOnlyList<{item.Name}>",
                $"ModelReader.List(ref reader, static (ref Utf8JsonReader reader) => {item.Read})",
                $"writer.WriteStartArray(); foreach (var item in {{0}}) {{{{ {string.Format(item.Write, "item")} }}}} writer.WriteEndArray();",
                "[]",
                isValue: false);
        }
        if (type.StartsWith("map<"))
        {
            var item = Resolve(type.Substring(4, type.Length - 5));
            return new CSharpType(
                $"IReadOnlyDictionary<string, {item.Name}>",
                $"ModelReader.Map(ref reader, static (ref Utf8JsonReader reader) => {item.Read})",
                $"writer.WriteStartObject(); foreach (var entry in {{0}}) {{{{ writer.WritePropertyName(entry.Key); {string.Format(item.Write, "entry.Value").Replace("{", "{{").Replace("}", "}}")} }}}} writer.WriteEndObject();",
                $"System.Collections.Immutable.ImmutableDictionary<string, {item.Name}>.Empty",
                isValue: false);
        }
        return type switch
        {
            "string" => new CSharpType("string", "reader.GetString()!", "writer.WriteStringValue({0});", "\"\"", isValue: false),
            "boolean" => new CSharpType("bool", "reader.GetBoolean()", "writer.WriteBooleanValue({0});", "false", isValue: true),
            "integer:int32" => new CSharpType("int", "reader.GetInt32()", "writer.WriteNumberValue({0});", "0", isValue: true),
            "integer:int64" => new CSharpType("long", "reader.GetInt64()", "writer.WriteNumberValue({0});", "0", isValue: true),
            "number:double" => new CSharpType("double", "reader.GetDouble()", "writer.WriteNumberValue({0});", "0", isValue: true),
            "string:byte" => new CSharpType(
                "System.ReadOnlyMemory<byte>", "new System.ReadOnlyMemory<byte>(reader.GetBytesFromBase64())", "writer.WriteBase64StringValue({0}.Span);", "default", isValue: true),
            "meta.v1.Time" => new CSharpType(
                "System.DateTimeOffset", "ModelReader.Time(ref reader)", "ModelWriter.Time(writer, {0});", "default", isValue: true),
            "meta.v1.MicroTime" => new CSharpType(
                "System.DateTimeOffset", "ModelReader.Time(ref reader)", "ModelWriter.MicroTime(writer, {0});", "default", isValue: true),
            "machinery.api.resource.Quantity" => new CSharpType(
                "global::Kybernet.Api.Quantity", "ModelReader.Quantity(ref reader)", "writer.WriteStringValue({0}.ToString());", "default", isValue: true),
            "machinery.util.intstr.IntOrString" => new CSharpType(
                "global::Kybernet.Api.IntOrString", "ModelReader.IntOrString(ref reader)", "{0}.WriteTo(writer);", "default", isValue: true),
            _ => Model(type),
        };
    }

    private CSharpType Model(string type)
    {
        if (!_types.TryGetValue(type, out var fact) || fact.Scalar is not null)
        {
            return new CSharpType("global::Kybernet.Api.Json.RawJson", "ModelReader.Raw(ref reader)", "{0}.WriteTo(writer);", "default", isValue: true);
        }
        var name = $"global::{fact.Namespace}.{fact.ClassName}";
        return new CSharpType(name, $"{name}.Read(ref reader)", "{0}.WriteTo(writer);", $"{name}.Empty", isValue: false);
    }
}
