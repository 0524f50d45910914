using System.Text.Json.Nodes;
using Kybernet.Api.Cel;
using Kybernet.Api.Ownership;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.Admission.Policies;

/// <summary>Merges what a policy says of an object into it, as an applier's configuration is merged.</summary>
internal static class ConfigurationMerge
{
    private const string Root = "Object";

    /// <summary>The object with what the policy says.</summary>
    /// <exception cref="PolicyException">The configuration does not fit the object, or would replace what is owned as one.</exception>
    public static JsonObject Apply(JsonObject item, CelValue value, TypeSchema schema)
    {
        CheckNames(value, Root);
        if (CelJson.ToNode(value) is not JsonObject configuration)
        {
            throw new PolicyException("unsupported return type from ApplyConfiguration expression: " + value.Type);
        }
        var atomic = new List<string>();
        Check(configuration, ValueSchema.ObjectOf(() => schema), isAtomic: false, "", atomic);
        if (atomic.Count > 0)
        {
            throw new PolicyException($"error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {string.Join(", ", atomic)}");
        }
        try
        {
            return FieldMerge.Merge(item, configuration, schema);
        }
        catch (OwnershipException exception)
        {
            throw new PolicyException($"error applying patch: failed to merge patch: {exception.Message}");
        }
    }

    /// <summary>An object is named after its place: <c>Object.spec</c> is what a field <c>spec</c> can be.</summary>
    private static void CheckNames(CelValue value, string place)
    {
        switch (value)
        {
            case CelMap map when map.Type is CelObjectType type:
                if (type.Name != place)
                {
                    throw new PolicyException($"type mismatch: unexpected type name \"{type.Name}\", expected \"{place}\", which matches field name path from root Object type");
                }
                foreach (var key in map.Keys)
                {
                    CheckNames(map.Find(key)!, $"{place}.{key}");
                }
                break;
            case CelList list:
                for (var i = 0; i < list.Count; i++)
                {
                    CheckNames(list[i], place);
                }
                break;
        }
    }

    private static void Check(JsonNode? value, ValueSchema schema, bool isAtomic, string path, List<string> atomic)
    {
        switch (value)
        {
            case JsonArray list:
                if (isAtomic)
                {
                    atomic.Add(path);
                }
                for (var i = 0; i < list.Count; i++)
                {
                    Check(list[i], schema.Item ?? ValueSchema.Any, isAtomic: false, $"{path}[{i}]", atomic);
                }
                break;
            case JsonObject fields:
                if (isAtomic || schema is { Kind: ValueKind.Object, Object.IsAtomicMap: true })
                {
                    atomic.Add(path);
                }
                foreach (var (name, part) in fields)
                {
                    Field(part, schema, name, $"{path}.{name}", atomic);
                }
                break;
        }
    }

    private static void Field(JsonNode? value, ValueSchema schema, string name, string path, List<string> atomic)
    {
        if (schema.Kind != ValueKind.Object)
        {
            Check(value, schema.Item ?? ValueSchema.Any, isAtomic: false, path, atomic);
            return;
        }
        if (schema.Object!.Find(name) is not { } field)
        {
            if (!schema.Object.PreservesUnknownFields)
            {
                throw new PolicyException($"error applying patch: failed to convert patch object to typed object: {path}: field not declared in schema");
            }
            return;
        }
        var isOne = field.IsAtomicMap || (field.Type.Kind == ValueKind.List && field.ListType == ListType.Atomic);
        Check(value, field.Type, isOne, path, atomic);
    }
}
