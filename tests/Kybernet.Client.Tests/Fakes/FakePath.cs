using System.Text.Json.Nodes;

namespace Kybernet.Client.Tests;

/// <summary>What a path of the API names.</summary>
internal sealed record FakePath(string Group, string Resource, string Namespace, string Name, string Subresource, IReadOnlyDictionary<string, string> Query)
{
    public string Key => $"{Group}/{Resource}/{Namespace}/{Name}";

    public static FakePath Parse(string pathAndQuery)
    {
        var question = pathAndQuery.IndexOf('?');
        var path = question < 0 ? pathAndQuery : pathAndQuery[..question];
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        if (question >= 0)
        {
            foreach (var part in pathAndQuery[(question + 1)..].Split('&'))
            {
                var equals = part.IndexOf('=');
                query[part[..equals]] = Uri.UnescapeDataString(part[(equals + 1)..]);
            }
        }
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToList();
        var group = parts[0] == "api" ? "" : parts[1];
        parts.RemoveRange(0, parts[0] == "api" ? 2 : 3);
        var @namespace = "";
        if (parts.Count >= 3 && parts[0] == "namespaces" && parts[2] is not ("status" or "finalize"))
        {
            @namespace = parts[1];
            parts.RemoveRange(0, 2);
        }
        return new FakePath(group, parts[0], @namespace, parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "", query);
    }

    public static JsonObject Metadata(JsonObject value)
    {
        if (value["metadata"] is not JsonObject metadata)
        {
            value["metadata"] = metadata = [];
        }
        return metadata;
    }

    /// <summary>What a write makes of an object: a status write keeps the rest but for annotations, any other keeps the status, and neither changes what the server owns.</summary>
    public static JsonObject Merge(JsonObject current, JsonObject wanted, string subresource)
    {
        var next = (subresource == "status" ? current : wanted).DeepClone().AsObject();
        var other = subresource == "status" ? wanted : current;
        next.Remove("status");
        if (other["status"] is { } status)
        {
            next["status"] = status.DeepClone();
        }
        var metadata = Metadata(next);
        if (subresource == "status" && Metadata(wanted)["annotations"] is { } annotations)
        {
            metadata["annotations"] = annotations.DeepClone(); // a Deployment's revision is written together with its status
        }
        foreach (var owned in (string[])["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "namespace", "name"])
        {
            metadata.Remove(owned);
            if (Metadata(current)[owned] is { } value)
            {
                metadata[owned] = value.DeepClone();
            }
        }
        if (subresource != "status" && !JsonNode.DeepEquals(next["spec"], current["spec"]))
        {
            metadata["generation"] = (Metadata(current)["generation"]?.GetValue<long>() ?? 0) + 1;
        }
        return next;
    }

    public FakePath With(string name) => this with { Name = name };

    public bool Matches(string key, JsonObject value)
    {
        if (!key.StartsWith($"{Group}/{Resource}/{Namespace}{(Namespace.Length == 0 ? "" : "/")}", StringComparison.Ordinal))
        {
            return false;
        }
        if (Query.TryGetValue("labelSelector", out var labels))
        {
            foreach (var requirement in labels.Split(','))
            {
                var parts = requirement.Split('=');
                if (value["metadata"]?["labels"]?[parts[0]]?.GetValue<string>() != parts[1])
                {
                    return false;
                }
            }
        }
        if (Query.TryGetValue("fieldSelector", out var fields))
        {
            foreach (var requirement in fields.Split(','))
            {
                var parts = requirement.Split('=');
                JsonNode? at = value;
                foreach (var step in parts[0].Split('.'))
                {
                    at = at?[step];
                }
                if ((at?.GetValue<string>() ?? "") != parts[1])
                {
                    return false;
                }
            }
        }
        return true;
    }
}
