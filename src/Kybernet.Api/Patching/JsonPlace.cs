using System.Globalization;
using System.Text.Json.Nodes;

namespace Kybernet.Api.Patching;

/// <summary>A place that a JSON pointer names: a key of an object or an index of a list, whether there is something or not.</summary>
internal readonly struct JsonPlace
{
    private readonly JsonNode _container;

    private JsonPlace(JsonNode container, string key)
    {
        _container = container;
        Key = key;
    }

    /// <summary>The last step of the pointer.</summary>
    internal string Key { get; }

    internal bool IsList => _container is JsonArray;

    internal bool Exists => _container switch
    {
        JsonObject fields => fields.ContainsKey(Key),
        JsonArray list => TryIndex(list.Count, out var index) && index < list.Count,
        _ => false,
    };

    /// <summary>The place of a pointer; null where what is to hold it is not there.</summary>
    internal static JsonPlace? Find(JsonNode? document, string pointer)
    {
        var steps = pointer.Split('/');
        if (steps.Length < 2 || steps[0].Length > 0)
        {
            return null;
        }
        var node = document;
        for (var i = 1; i < steps.Length - 1; i++)
        {
            if (node is not (JsonObject or JsonArray))
            {
                return null;
            }
            var place = new JsonPlace(node, Decode(steps[i]));
            node = place.Exists ? place.Current : null;
        }
        return node is JsonObject or JsonArray ? new JsonPlace(node, Decode(steps[^1])) : null;
    }

    /// <summary>What is there.</summary>
    internal JsonNode? Get(string context)
    {
        if (!Exists)
        {
            throw _container is JsonObject
                ? Fail(context, $"unable to get nonexistent key: {Key}: missing value")
                : BadIndex(context);
        }
        return Current;
    }

    /// <summary>Replaces what is there.</summary>
    internal void Set(JsonNode? value)
    {
        if (_container is JsonObject fields)
        {
            fields[Key] = value;
            return;
        }
        var list = (JsonArray)_container;
        TryIndex(list.Count, out var index);
        list[index] = value;
    }

    /// <summary>Puts a value there: a list's items from there on move up.</summary>
    internal void Add(JsonNode? value, string context)
    {
        if (_container is JsonObject fields)
        {
            fields[Key] = value;
            return;
        }
        var list = (JsonArray)_container;
        if (Key == "-")
        {
            list.Add(value);
            return;
        }
        // A negative index counts from behind the end, where one may add too.
        if (!TryIndex(list.Count + 1, out var index) || index > list.Count)
        {
            throw BadIndex(context);
        }
        list.Insert(index, value);
    }

    /// <summary>Takes away what is there.</summary>
    internal void Remove(string context)
    {
        if (_container is JsonObject fields)
        {
            if (!fields.Remove(Key))
            {
                throw Fail(context, $"unable to remove nonexistent key: {Key}: missing value");
            }
            return;
        }
        if (!Exists)
        {
            throw BadIndex(context);
        }
        var list = (JsonArray)_container;
        TryIndex(list.Count, out var index);
        list.RemoveAt(index);
    }

    private JsonNode? Current
    {
        get
        {
            if (_container is JsonObject fields)
            {
                return fields[Key];
            }
            var list = (JsonArray)_container;
            TryIndex(list.Count, out var index);
            return list[index];
        }
    }

    private static string Decode(string step) => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static PatchException Fail(string context, string message) => new(PatchFailure.NotApplicable, $"{context}: {message}");

    private bool TryIndex(int count, out int index)
    {
        if (!int.TryParse(Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index))
        {
            return false;
        }
        if (index < 0)
        {
            index += count;
        }
        return index >= 0;
    }

    private PatchException BadIndex(string context) =>
        int.TryParse(Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            ? Fail(context, $"Unable to access invalid index: {index.ToString(CultureInfo.InvariantCulture)}: invalid index referenced")
            : Fail(context, $"value was not a proper array index: '{Key}': strconv.Atoi: parsing \"{Key}\": invalid syntax");
}
