using System.Collections.Concurrent;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Cel;

/// <summary>What expressions know of typed objects, by their schema.</summary>
public sealed class SchemaDeclarations
{
    private readonly ConcurrentDictionary<TypeSchema, CelObjectType> _types = new();

    /// <summary>The type of a schema's objects.</summary>
    public CelObjectType Of(TypeSchema schema) => _types.GetOrAdd(schema, type => new CelObjectType(type.Name, () => Fields(type)) { IsOpen = type.PreservesUnknownFields });

    private Dictionary<string, CelField> Fields(TypeSchema schema)
    {
        var fields = new Dictionary<string, CelField>(StringComparer.Ordinal);
        foreach (var field in schema.Fields)
        {
            if (CelNames.Escape(field.Name) is { } identifier)
            {
                fields[identifier] = new CelField(field.Name, Of(field.Type));
            }
        }
        return fields;
    }

    private CelType Of(ValueSchema schema) => schema.Kind switch
    {
        ValueKind.String => CelType.String,
        ValueKind.Bytes => CelType.Bytes,
        ValueKind.Bool => CelType.Bool,
        ValueKind.Int32 or ValueKind.Int64 => CelType.Int,
        ValueKind.Number => CelType.Double,
        ValueKind.Time or ValueKind.MicroTime => CelType.Timestamp,
        ValueKind.List => CelType.ListOf(Of(schema.Item!)),
        ValueKind.Map => CelType.MapOf(CelType.String, Of(schema.Item!)),
        ValueKind.Object => Of(schema.Object!),
        _ => CelType.Dyn,
    };
}
