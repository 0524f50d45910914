using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Resources;

/// <summary>The difference of two models as text, for messages that refuse a change: one line a value, <c>-</c> before what was and <c>+</c> before what would be.</summary>
internal static class ModelDiff
{
    /// <summary>Writes the difference.</summary>
    public static string Text(string type, IModel before, IModel after)
    {
        var text = new StringBuilder();
        text.Append("  ").Append(type).Append("{\n");
        WriteObject(ModelJson.ToTree(before), ModelJson.ToTree(after), depth: 1, text);
        return text.Append("  }\n").ToString();
    }

    private static void WriteObject(JsonObject before, JsonObject after, int depth, StringBuilder text)
    {
        var same = 0;
        foreach (var name in before.Select(field => field.Key).Union(after.Select(field => field.Key)))
        {
            before.TryGetPropertyValue(name, out var old);
            after.TryGetPropertyValue(name, out var now);
            if (JsonNode.DeepEquals(old, now))
            {
                same++;
                continue;
            }
            WriteChange($"{name}: ", old, now, depth, text);
        }
        WriteSame(same, "field", depth, text);
    }

    private static void WriteArray(JsonArray before, JsonArray after, int depth, StringBuilder text)
    {
        var same = 0;
        for (var i = 0; i < Math.Max(before.Count, after.Count); i++)
        {
            var old = i < before.Count ? before[i] : null;
            var now = i < after.Count ? after[i] : null;
            if (JsonNode.DeepEquals(old, now))
            {
                same++;
                continue;
            }
            WriteChange("", old, now, depth, text);
        }
        WriteSame(same, "element", depth, text);
    }

    private static void WriteChange(string label, JsonNode? before, JsonNode? after, int depth, StringBuilder text)
    {
        switch (before, after)
        {
            case (JsonObject old, JsonObject now):
                Line(' ', depth, label + "{", text);
                WriteObject(old, now, depth + 1, text);
                Line(' ', depth, "},", text);
                break;
            case (JsonArray old, JsonArray now):
                Line(' ', depth, label + "[", text);
                WriteArray(old, now, depth + 1, text);
                Line(' ', depth, "],", text);
                break;
            default:
                if (before is not null)
                {
                    Line('-', depth, label + Value(before) + ",", text);
                }
                if (after is not null)
                {
                    Line('+', depth, label + Value(after) + ",", text);
                }
                break;
        }
    }

    private static void WriteSame(int count, string unit, int depth, StringBuilder text)
    {
        if (count > 0)
        {
            Line(' ', depth, $"... // {count} identical {unit}{(count == 1 ? "" : "s")}", text);
        }
    }

    private static void Line(char mark, int depth, string line, StringBuilder text) =>
        text.Append(mark).Append(' ').Append('\t', depth).Append(line).Append('\n');

    private static string Value(JsonNode node) => Encoding.UTF8.GetString(ModelJson.ToUtf8(node));
}
