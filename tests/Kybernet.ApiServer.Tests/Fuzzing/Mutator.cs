using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Tests.Fuzzing;

/// <summary>Makes good requests bad: in their structure, in their bytes, and in their query. The same seed makes the same requests.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "65536", "2147483648", "-9223372036854775808", "9223372036854775808", "1e400", "-0.0", "0.1", "\"\"", "\"a\"", "\"A_b\"", "\"-\"", "\".\"",
        "\"\\u0000\"", "\"é\\n\"", "\"1Gi\"", "\"-1\"", "\"1e1000000\"", "\"50%\"", "\"-50%\"", "\"10.0.0.0/33\"", "\"::1\"", "\"2026-02-30T25:61:00Z\"", "\"0001-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59Z\"", "\"(((\"", "\"a.b.c\"", "\"self.x\"", "\"object\"", "\"*/0 99 * * *\"", "\"$(A)\"", "\"../..\"", "\"/\"", "\"kubernetes.io/x/y\"", "[]", "{}", "[null]", "[[]]", "[{}]",
        "{\"\":\"\"}", "{\"a\":null}", "[0,\"\",{}]", "{\"$patch\":\"delete\"}", "{\"$patch\":\"x\"}", "{\"$setElementOrder/containers\":[{}]}", "{\"$retainKeys\":[1]}", "{\"matchLabels\":{\"a\":\"b\"}}",
    ];

    private static readonly string[] Texts =
    [
        "", "0", "-1", "1", "9223372036854775808", "a", "a=b", "a!=b,c", "a in (b,c)", "!a", "a in (", "a notin ()", "=", ",", "metadata.name=x", "metadata.name!=x", "spec.nodeName=,status.phase=Running",
        "status.nothing=1", "true", "false", "All", "NotOlderThan", "Exact", "x", "%00", "é", "Strict", "Warn", "Foreground", "eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ", "!!!", "[]", "{\"a\":1}",
    ];

    // Half a character cannot be written by a tree, only by bytes.
    private static readonly string[] Insertions = [.. Values, "\"\\ud800\""];

    private readonly Random _random = new(seed);

    /// <summary>One of the requests, changed in one place or several; sometimes not at all.</summary>
    public FuzzRequest Next(IReadOnlyList<FuzzRequest> corpus)
    {
        var request = Pick(corpus);
        for (var times = _random.Next(1, 4); times > 0; times--)
        {
            request = _random.Next(10) switch
            {
                < 6 when request.Body.Length > 0 => request with { Body = Restructure(request.Body) },
                < 8 when request.Body.Length > 0 => request with { Body = Scramble(request.Body) },
                8 => request with { Query = [.. request.Query, KeyValuePair.Create(Pick(["limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "resourceVersionMatch", "dryRun", "fieldManager", "force", "fieldValidation", "propagationPolicy", "timeoutSeconds"]), Pick(Texts))] },
                _ => request with { Query = [.. request.Query.Select(parameter => KeyValuePair.Create(parameter.Key, _random.Next(2) == 0 ? parameter.Value : Pick(Texts)))] },
            };
        }
        return request;
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>Changes a value of a body that is JSON still: into another, into one of another type, into two, or into nothing.</summary>
    private byte[] Restructure(byte[] body)
    {
        JsonNode? root;
        List<(JsonNode Parent, string Key, int Index)> places;
        try
        {
            root = JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { MaxDepth = 2048 });
            places = [.. Places(root)];
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return Scramble(body); // it is bad already, so that there is no tree of it
        }
        if (places.Count == 0)
        {
            return Encoding.UTF8.GetBytes(Pick(Values));
        }
        var (parent, key, index) = Pick(places);
        var value = _random.Next(20) == 0 ? Deep() : JsonNode.Parse(Pick(Values));
        if (parent is JsonObject fields)
        {
            switch (_random.Next(6))
            {
                case 0:
                    fields.Remove(key);
                    break;
                case 1:
                    var moved = fields[key]?.DeepClone();
                    fields.Remove(key);
                    fields[Pick(places).Key is { Length: > 0 } other ? other : "x"] = moved;
                    break;
                default:
                    fields[key] = value;
                    break;
            }
        }
        else if (parent is JsonArray list)
        {
            switch (_random.Next(4))
            {
                case 0:
                    list.RemoveAt(index);
                    break;
                case 1:
                    list.Add(list[index]?.DeepClone());
                    break;
                default:
                    list[index] = value;
                    break;
            }
        }
        return Encoding.UTF8.GetBytes(root!.ToJsonString(new JsonSerializerOptions { MaxDepth = 2048 }));
    }

    private static IEnumerable<(JsonNode Parent, string Key, int Index)> Places(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => Places(field.Value).Prepend((fields, field.Key, 0))),
        JsonArray list => list.SelectMany((item, index) => Places(item).Prepend((list, "", index))),
        _ => [],
    };

    private JsonNode Deep()
    {
        JsonNode node = new JsonObject();
        for (var depth = _random.Next(10, 500); depth > 0; depth--)
        {
            node = _random.Next(2) == 0 ? new JsonArray(node) : new JsonObject { ["a"] = node };
        }
        return node;
    }

    /// <summary>Changes bytes, wherever that leads.</summary>
    private byte[] Scramble(byte[] body)
    {
        var at = _random.Next(body.Length);
        switch (_random.Next(5))
        {
            case 0:
                return body[..at];
            case 1:
                var flipped = (byte[])body.Clone();
                flipped[at] ^= (byte)(1 << _random.Next(8));
                return flipped;
            case 2:
                return [.. body[..at], .. Encoding.UTF8.GetBytes(Pick(Insertions)), .. body[at..]];
            case 3:
                return [.. body[..at], .. Enumerable.Repeat((byte)Pick("[{\"\\ \n-\0"u8.ToArray()), _random.Next(1, 2000)), .. body[at..]];
            default:
                var end = _random.Next(at, body.Length);
                return [.. body[..at], .. body[end..]];
        }
    }
}
