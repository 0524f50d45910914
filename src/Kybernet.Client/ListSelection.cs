namespace Kybernet.Client;

/// <summary>Which objects of a collection are meant.</summary>
/// <param name="LabelSelector">In the syntax of label selectors; empty for all.</param>
/// <param name="FieldSelector">In the syntax of field selectors; empty for all.</param>
public sealed record ListSelection(string LabelSelector = "", string FieldSelector = "")
{
    /// <summary>All objects.</summary>
    public static ListSelection All { get; } = new();

    /// <summary>The query that asks for them, beginning with a question mark; empty for all.</summary>
    public string ToQuery() => ToQuery("");

    /// <summary>The query that asks for them and says something more, beginning with a question mark; empty for nothing at all.</summary>
    /// <param name="more">Parameters as in <c>limit=500&amp;watch=true</c>, escaped; empty for none.</param>
    public string ToQuery(string more)
    {
        var parts = new List<string>(3);
        if (more.Length > 0)
        {
            parts.Add(more);
        }
        if (LabelSelector.Length > 0)
        {
            parts.Add("labelSelector=" + Uri.EscapeDataString(LabelSelector));
        }
        if (FieldSelector.Length > 0)
        {
            parts.Add("fieldSelector=" + Uri.EscapeDataString(FieldSelector));
        }
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }
}
