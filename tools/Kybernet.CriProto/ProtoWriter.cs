using System.Text;

namespace Kybernet.CriProto;

/// <summary>Writes the part of the table that some methods need as a proto3 file.</summary>
internal static class ProtoWriter
{
    public static string Write(CriTable table, IReadOnlyCollection<string> methods)
    {
        var chosen = table.Methods.Where(method => methods.Contains(method.Name)).ToArray();
        var needed = new HashSet<string>();
        foreach (var method in chosen)
        {
            Need(table, method.Request, needed);
            Need(table, method.Response, needed);
        }

        var proto = new StringBuilder();
        proto.Append("// Facts: written by tools/Kybernet.CriProto, not by hand.\n");
        proto.Append("syntax = \"proto3\";\npackage runtime.v1;\noption csharp_namespace = \"Kybernet.Kubelet.Runtime.Cri\";\n");
        foreach (var service in chosen.GroupBy(method => method.Service))
        {
            proto.Append($"\nservice {service.Key} {{\n");
            foreach (var method in service)
            {
                proto.Append($"  rpc {method.Name}({method.Request}) returns ({method.Response});\n");
            }
            proto.Append("}\n");
        }
        foreach (var name in needed.Where(name => !name.Contains('.')).Order(StringComparer.Ordinal))
        {
            proto.Append('\n');
            WriteType(table, name, name, needed, "", proto);
        }
        return proto.ToString();
    }

    private static void Need(CriTable table, string type, HashSet<string> needed)
    {
        // A message without fields has no line of its own in the table.
        if (!needed.Add(type) || !table.Types.TryGetValue(type, out var fields))
        {
            return;
        }
        foreach (var field in Kept(fields))
        {
            var name = Base(field.Type);
            if (table.Types.ContainsKey($"{type}.{name}"))
            {
                Need(table, $"{type}.{name}", needed);
            }
            else if (table.Types.ContainsKey(name))
            {
                Need(table, name, needed);
            }
        }
    }

    private static void WriteType(CriTable table, string fullName, string name, HashSet<string> needed, string indent, StringBuilder proto)
    {
        var fields = table.Types.TryGetValue(fullName, out var found) ? found : [];
        var isEnum = fields.Count > 0 && fields[0].Type == "enum-value";
        proto.Append($"{indent}{(isEnum ? "enum" : "message")} {name} {{\n");
        foreach (var nested in needed.Where(type => type.StartsWith(fullName + ".", StringComparison.Ordinal)))
        {
            WriteType(table, nested, nested[(fullName.Length + 1)..], needed, indent + "  ", proto);
        }
        foreach (var field in Kept(fields))
        {
            proto.Append(isEnum ? $"{indent}  {field.Name} = {field.Number};\n" : $"{indent}  {field.Type.Replace(",", ", ")} {field.Name} = {field.Number};\n");
        }
        proto.Append($"{indent}}}\n");
    }

    // No pod of ours runs on Windows; an unknown field costs nothing, its classes would.
    private static IEnumerable<Field> Kept(IReadOnlyList<Field> fields) => fields.Where(field => !Base(field.Type).StartsWith("Windows", StringComparison.Ordinal));

    private static string Base(string type) => type.StartsWith("repeated ", StringComparison.Ordinal) ? type["repeated ".Length..] : type;
}
