using System.Text;

namespace Kybernet.Facts;

/// <summary>
/// Writes every protobuf message as a block of lines: a header <c>= name</c>, then a line a field: <c>number name type</c>, where <c>*</c>
/// before a type marks a repeated one and <c>{</c> a map from strings. Names are shortened as those of the types are.
/// </summary>
internal static class ProtobufFacts
{
    private static readonly HashSet<string> Scalars = ["string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double", "float"];

    public static string Compact(string path)
    {
        var text = new StringBuilder();
        var current = "";
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var columns = line.Split('\t');
            var message = Name(columns[0], columns[1]);
            if (message != current)
            {
                text.Append("= ").Append(message).Append('\n');
                current = message;
            }
            text.Append(columns[3]).Append(' ').Append(columns[2]).Append(' ').Append(Type(columns[0], columns[4])).Append('\n');
        }
        return text.ToString();
    }

    private static string Type(string package, string type)
    {
        const string repeated = "repeated ", map = "map<string,";
        return type.StartsWith(repeated, StringComparison.Ordinal) ? "*" + Type(package, type[repeated.Length..])
            : type.StartsWith(map, StringComparison.Ordinal) ? "{" + Type(package, type[map.Length..^1].Trim())
            : Scalars.Contains(type) ? type
            : type.Contains('.') ? Name("", type.TrimStart('.'))
            : Name(package, type);
    }

    private static string Name(string package, string message)
    {
        var full = package.Length == 0 ? message : $"{package}.{message}";
        // k8s.io.api.core.v1.Pod is io.k8s.api.core.v1.Pod to OpenAPI.
        return TypeFacts.Shorten("io.k8s." + full["k8s.io.".Length..]);
    }
}
