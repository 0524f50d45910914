using System.Collections.Frozen;
using System.Globalization;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Protobuf;

/// <summary>The messages that the built-in types are in protobuf. The table is read when the first of them is asked for.</summary>
internal static class ProtobufSchema
{
    private static readonly Lazy<FrozenDictionary<string, FrozenDictionary<int, ProtobufField>>> Messages = new(Load);

    /// <summary>The fields of a message by their numbers; null where there is no such message. Names are those of the types' table: <c>core.v1.Pod</c>.</summary>
    public static FrozenDictionary<int, ProtobufField>? Find(string message) => Messages.Value.GetValueOrDefault(message);

    private static FrozenDictionary<string, FrozenDictionary<int, ProtobufField>> Load()
    {
        var messages = new Dictionary<string, FrozenDictionary<int, ProtobufField>>(StringComparer.Ordinal);
        var fields = new Dictionary<int, ProtobufField>();
        var message = "";
        foreach (var line in Facts.Lines("protobuf.txt"))
        {
            var words = line.Split(' ');
            if (words[0] == "=")
            {
                messages[message] = fields.ToFrozenDictionary();
                message = words[1];
                fields.Clear();
                continue;
            }
            var type = words[2];
            var shape = type[0] switch { '*' => ProtobufShape.Repeated, '{' => ProtobufShape.Map, _ => ProtobufShape.Single };
            fields[int.Parse(words[0], CultureInfo.InvariantCulture)] = new ProtobufField(words[1], shape == ProtobufShape.Single ? type : type[1..], shape);
        }
        messages[message] = fields.ToFrozenDictionary();
        return messages.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>How often a field may come.</summary>
internal enum ProtobufShape
{
    Single,
    Repeated,
    Map,
}

/// <summary>A field of a message.</summary>
/// <param name="Name">Its name, which is JSON's unless the message is part of its parent there.</param>
/// <param name="Type">A scalar's name, or a message's.</param>
/// <param name="Shape">How often it may come.</param>
internal sealed record ProtobufField(string Name, string Type, ProtobufShape Shape);
