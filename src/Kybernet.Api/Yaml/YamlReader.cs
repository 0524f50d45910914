using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Kybernet.Api.Yaml;

/// <summary>
/// Reads YAML as Kubernetes does: what JSON can say, in YAML 1.1's ways of writing it. Keys that are there twice are refused, and aliases may
/// not blow a small text up into a large tree.
/// </summary>
public static class YamlReader
{
    private const int MaxDepth = 1000;

    // As upstream's library: aliases may make up nearly all of a small document, and little of a large one.
    private const int AliasesUnjudged = 1000;
    private const int MaxNodes = 4_000_000;

    /// <summary>Reads the one document of a text; null where the text has none.</summary>
    /// <exception cref="YamlFormatException">The text is malformed, or has more than one document.</exception>
    public static JsonNode? Read(string text)
    {
        var documents = ReadAll(text);
        return documents.Count switch
        {
            0 => null,
            1 => documents[0],
            _ => throw new YamlFormatException("yaml: expected a single document in the stream but found another document"),
        };
    }

    /// <summary>Reads the documents of a text; those that are empty are left out.</summary>
    /// <exception cref="YamlFormatException">The text is malformed.</exception>
    public static IReadOnlyList<JsonNode> ReadAll(string text)
    {
        var documents = new List<JsonNode>();
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            while (parser.Accept<DocumentStart>(out _))
            {
                parser.Consume<DocumentStart>();
                if (new Composer(parser).Read(0) is { } document)
                {
                    documents.Add(document);
                }
                parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException exception)
        {
            throw new YamlFormatException($"error converting YAML to JSON: yaml: line {exception.Start.Line}: {exception.Message}", exception);
        }
        return documents;
    }

    /// <summary>Makes a document's tree from the parser's events.</summary>
    private sealed class Composer(Parser parser)
    {
        private readonly Dictionary<AnchorName, (JsonNode? Node, int Size)> _anchors = [];
        private int _nodes;
        private int _aliased;

        internal JsonNode? Read(int depth)
        {
            if (depth > MaxDepth)
            {
                throw new YamlFormatException("error converting YAML to JSON: yaml: exceeded max depth");
            }
            if (++_nodes > MaxNodes)
            {
                throw TooManyAliases();
            }
            var before = _nodes;
            switch (parser.Current)
            {
                case AnchorAlias:
                    return Alias(parser.Consume<AnchorAlias>());
                case Scalar:
                    var scalar = parser.Consume<Scalar>();
                    return Anchored(scalar.Anchor, YamlScalars.Resolve(scalar), before);
                case SequenceStart:
                    return Sequence(depth, before);
                case MappingStart:
                    return Mapping(depth, before);
                default:
                    throw new YamlFormatException($"error converting YAML to JSON: yaml: unexpected {parser.Current}");
            }
        }

        private static YamlFormatException TooManyAliases() =>
            new("error converting YAML to JSON: yaml: document contains excessive aliasing");

        private static void Merge(JsonObject target, JsonNode? source)
        {
            switch (source)
            {
                case JsonObject map:
                    foreach (var (key, value) in map)
                    {
                        // What the mapping says itself, and what was merged before, wins.
                        target.TryAdd(key, value?.DeepClone());
                    }
                    break;
                case JsonArray list:
                    foreach (var item in list)
                    {
                        Merge(target, item);
                    }
                    break;
                default:
                    throw new YamlFormatException("error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value");
            }
        }

        private JsonNode? Alias(AnchorAlias alias)
        {
            if (!_anchors.TryGetValue(alias.Value, out var anchored))
            {
                throw new YamlFormatException($"error converting YAML to JSON: yaml: unknown anchor '{alias.Value}' referenced");
            }
            _aliased += anchored.Size;
            _nodes += anchored.Size;
            var allowed = _nodes < 400_000 ? 0.99 : 0.10;
            if (_nodes > MaxNodes || (_aliased > AliasesUnjudged && (double)_aliased / _nodes > allowed))
            {
                throw TooManyAliases();
            }
            return anchored.Node?.DeepClone();
        }

        private JsonNode? Anchored(AnchorName anchor, JsonNode? node, int before)
        {
            if (!anchor.IsEmpty)
            {
                _anchors[anchor] = (node, _nodes - before + 1);
            }
            return node;
        }

        private JsonNode? Sequence(int depth, int before)
        {
            var start = parser.Consume<SequenceStart>();
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(Read(depth + 1));
            }
            return Anchored(start.Anchor, list, before);
        }

        private JsonNode? Mapping(int depth, int before)
        {
            var start = parser.Consume<MappingStart>();
            var map = new JsonObject();
            List<JsonNode?>? merged = null;
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var line = parser.Current!.Start.Line;
                if (parser.Current is not (Scalar or AnchorAlias))
                {
                    throw new YamlFormatException($"error converting YAML to JSON: yaml: line {line}: a mapping's key must be a scalar");
                }
                var isMerge = parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain };
                var key = YamlScalars.Key(Read(depth + 1));
                var value = Read(depth + 1);
                if (isMerge)
                {
                    (merged ??= []).Add(value);
                }
                else if (!map.TryAdd(key, value))
                {
                    throw new YamlFormatException($"error converting YAML to JSON: yaml: unmarshal errors:\n  line {line}: key \"{key}\" already set in map");
                }
            }
            foreach (var source in merged ?? [])
            {
                Merge(map, source);
            }
            return Anchored(start.Anchor, map, before);
        }
    }
}
