using System.Text;

namespace Kybernet.Api.Generator;

/// <summary>Writes the C# of one model.</summary>
internal static class ModelEmitter
{
    public static void Append(StringBuilder code, TypeFact type, TypeNames names, IReadOnlyDictionary<string, ResourceFact> resources)
    {
        var fields = type.Fields.Where(field => !IsKindField(type, field) && !IsAccount(field)).Select(field => new Property(type, field, names)).ToList();
        code.Append("/// <summary>The API type <c>").Append(type.Name).AppendLine("</c>.</summary>");
        code.Append("public sealed partial record ").Append(type.ClassName).Append(" : ").AppendLine(Interfaces(type, resources)).AppendLine("{");
        code.AppendLine("    /// <summary>The value with nothing set.</summary>");
        code.Append("    public static ").Append(type.ClassName).AppendLine(" Empty { get; } = new();");
        code.Append("    public ").Append(type.ClassName).AppendLine("() { }");
        AppendKind(code, type, resources);
        foreach (var field in fields)
        {
            code.Append("    /// <summary>The field <c>").Append(field.JsonName).AppendLine("</c>.</summary>");
            code.Append("    public ").Append(field.Declaration).Append(' ').Append(field.Name).Append(" { get; init; }").AppendLine(field.Initializer);
        }
        AppendReader(code, type, fields);
        AppendWriter(code, type, fields);
        AppendIdentity(code, type);
        code.AppendLine("}");
    }

    private static bool IsKindField(TypeFact type, FieldFact field) => type.Kind is not null && field.Name is "apiVersion" or "kind" && type.Kind is not null;

    /// <summary>
    /// Who wrote which field is the API server's business, which works on trees. It is the largest part of many objects' metadata, and a write that
    /// leaves it out leaves it as it is: models do without.
    /// </summary>
    private static bool IsAccount(FieldFact field) => field.Type == "[]meta.v1.ManagedFieldsEntry";

    private static string Interfaces(TypeFact type, IReadOnlyDictionary<string, ResourceFact> resources)
    {
        if (type.Kind is null || !type.HasObjectMeta)
        {
            return $"IModel<{type.ClassName}>";
        }
        return resources.ContainsKey(type.Kind) ? $"IResourceObject<{type.ClassName}>" : $"IKubernetesObject<{type.ClassName}>";
    }

    private static void AppendKind(StringBuilder code, TypeFact type, IReadOnlyDictionary<string, ResourceFact> resources)
    {
        if (type.Kind is null)
        {
            return;
        }
        var parts = type.Kind.Split('/');
        var (group, version, kind) = parts.Length == 3 ? (parts[0], parts[1], parts[2]) : ("", parts[0], parts[1]);
        var apiVersion = group.Length == 0 ? version : group + "/" + version;
        code.Append("    public string ApiVersion => \"").Append(apiVersion).AppendLine("\";");
        code.Append("    public string Kind => \"").Append(kind).AppendLine("\";");
        if (!type.HasObjectMeta)
        {
            return;
        }
        code.Append("    public ").Append(type.ClassName).Append(" WithMetadata(global::Kybernet.Api.Meta.V1.ObjectMeta metadata) => this with { Metadata = metadata };").AppendLine();
        code.Append("    public static GroupVersionKind GroupVersionKind { get; } = new(\"").Append(group).Append("\", \"").Append(version)
            .Append("\", \"").Append(kind).AppendLine("\");");
        if (resources.TryGetValue(type.Kind, out var resource))
        {
            code.Append("    public static GroupVersionResource Resource { get; } = new(\"").Append(group).Append("\", \"").Append(version)
                .Append("\", \"").Append(resource.Plural).AppendLine("\");");
            code.Append("    public static bool IsNamespaced => ").Append(resource.Namespaced ? "true" : "false").AppendLine(";");
        }
    }

    private static void AppendReader(StringBuilder code, TypeFact type, List<Property> fields)
    {
        code.Append("    public static ").Append(type.ClassName).AppendLine(" Read(ref Utf8JsonReader reader) => new(ref reader);");
        code.Append("    private ").Append(type.ClassName).AppendLine("(ref Utf8JsonReader reader)").AppendLine("    {");
        code.AppendLine("        ModelReader.Begin(ref reader);");
        code.AppendLine("        while (ModelReader.NextProperty(ref reader))").AppendLine("        {");
        code.AppendLine("            switch (reader.ValueSpan.Length)").AppendLine("            {");
        foreach (var length in fields.GroupBy(field => Encoding.UTF8.GetByteCount(field.JsonName)))
        {
            code.Append("                case ").Append(length.Key).AppendLine(":");
            foreach (var field in length)
            {
                code.Append("                    if (reader.ValueTextEquals(\"").Append(field.JsonName)
                    .Append("\"u8)) { if (ModelReader.HasValue(ref reader)) { ").Append(field.Name).Append(" = ").Append(field.Type.Read)
                    .AppendLine("; } continue; }");
            }
            code.AppendLine("                    break;");
        }
        code.AppendLine("            }");
        code.AppendLine("            ModelReader.SkipValue(ref reader);").AppendLine("        }").AppendLine("    }");
    }

    private static void AppendWriter(StringBuilder code, TypeFact type, List<Property> fields)
    {
        code.AppendLine("    public void WriteTo(Utf8JsonWriter writer)").AppendLine("    {");
        code.AppendLine("        writer.WriteStartObject();");
        if (type.Kind is not null)
        {
            code.AppendLine("        writer.WriteString(\"kind\"u8, Kind);").AppendLine("        writer.WriteString(\"apiVersion\"u8, ApiVersion);");
        }
        foreach (var field in fields)
        {
            var value = field.IsNullable && field.Type.IsValue ? field.Name + ".Value" : field.Name;
            code.Append("        ");
            if (field.Condition is not null)
            {
                code.Append("if (").Append(field.Condition).Append(") ");
            }
            code.Append("{ writer.WritePropertyName(\"").Append(field.JsonName).Append("\"u8); ")
                .Append(string.Format(field.Type.Write, value)).AppendLine(" }");
        }
        code.AppendLine("        writer.WriteEndObject();").AppendLine("    }");
    }

    /// <summary>
    /// Records would bring member-wise equality and printing, which nobody calls here and which cost megabytes in the native program;
    /// what is kept of them is <c>with</c>.
    /// </summary>
    private static void AppendIdentity(StringBuilder code, TypeFact type)
    {
        code.Append("    public bool Equals(").Append(type.ClassName).AppendLine("? other) => ReferenceEquals(this, other);");
        code.AppendLine("    public override int GetHashCode() => global::System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);");
        code.AppendLine("    public override string ToString() => ModelJson.ToText(this);");
        code.AppendLine("    private bool PrintMembers(System.Text.StringBuilder builder) => false;");
    }
}
