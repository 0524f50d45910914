using System.Text;

namespace Kybernet.Network.Services.Rules;

/// <summary>Writes changes as what <c>nft -f -</c> carries out in one transaction.</summary>
internal static class RuleScript
{
    /// <summary>
    /// The commands for some changes. What is new comes first and what is gone last, so that nothing that is there ever leads to something that is not.
    /// </summary>
    public static string Of(string table, IReadOnlyList<RuleChange> changes)
    {
        var script = new StringBuilder();
        foreach (var (key, before, after) in changes)
        {
            if (key.Kind == RuleKind.Set && after is not null)
            {
                if (before is not null)
                {
                    script.Append($"delete set inet {table} {key.Holder}\n"); // only its chains use it, and they come anew
                }
                script.Append($"add set inet {table} {key.Holder} {{ {after}; }}\n");
            }
        }
        AppendChains(script, table, changes);
        AppendElements(script, table, changes);
        AppendRemovals(script, table, changes);
        return script.ToString();
    }

    private static void AppendChains(StringBuilder script, string table, IReadOnlyList<RuleChange> changes)
    {
        // All chains before any rule: rules lead to other chains.
        foreach (var (key, before, after) in changes)
        {
            if (key.Kind == RuleKind.Chain && after is not null)
            {
                script.Append($"{(before is null ? "add" : "flush")} chain inet {table} {key.Holder}\n");
            }
        }
        foreach (var (key, _, after) in changes)
        {
            if (key.Kind != RuleKind.Chain || after is null)
            {
                continue;
            }
            foreach (var rule in after.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                script.Append($"add rule inet {table} {key.Holder} {rule}\n");
            }
        }
    }

    private static void AppendElements(StringBuilder script, string table, IReadOnlyList<RuleChange> changes)
    {
        var deleted = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var added = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (key, before, after) in changes)
        {
            if (key.Kind != RuleKind.Element)
            {
                continue;
            }
            if (before is not null)
            {
                Add(deleted, key.Holder, key.Key);
            }
            if (after is not null)
            {
                Add(added, key.Holder, after.Length == 0 ? key.Key : $"{key.Key} : {after}");
            }
        }
        AppendElements(script, "delete", table, deleted);
        AppendElements(script, "add", table, added);
    }

    private static void Add(SortedDictionary<string, List<string>> byHolder, string holder, string element)
    {
        if (!byHolder.TryGetValue(holder, out var elements))
        {
            byHolder.Add(holder, elements = []);
        }
        elements.Add(element);
    }

    private static void AppendElements(StringBuilder script, string verb, string table, SortedDictionary<string, List<string>> byHolder)
    {
        foreach (var (holder, elements) in byHolder)
        {
            script.Append($"{verb} element inet {table} {holder} {{ ").AppendJoin(", ", elements).Append(" }\n");
        }
    }

    private static void AppendRemovals(StringBuilder script, string table, IReadOnlyList<RuleChange> changes)
    {
        // Emptied first: they lead to each other, and the kernel keeps what something leads to.
        foreach (var (key, _, after) in changes)
        {
            if (key.Kind == RuleKind.Chain && after is null)
            {
                script.Append($"flush chain inet {table} {key.Holder}\n");
            }
        }
        foreach (var (key, _, after) in changes)
        {
            if (key.Kind == RuleKind.Chain && after is null)
            {
                script.Append($"delete chain inet {table} {key.Holder}\n");
            }
        }
        foreach (var (key, _, after) in changes)
        {
            if (key.Kind == RuleKind.Set && after is null)
            {
                script.Append($"delete set inet {table} {key.Holder}\n");
            }
        }
    }
}
