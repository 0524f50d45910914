using System.Text;
using System.Text.Json.Nodes;

namespace Kybernet.Api.Schema.Structural;

/// <summary>What tells the items of a map-like list apart.</summary>
internal static class ListKeys
{
    /// <summary>An item's keys as upstream prints them: <c>{"name":"a","port":1}</c>. A key that is left out counts with its default.</summary>
    public static string Of(StructuralSchema list, JsonNode? item)
    {
        var text = new StringBuilder("{");
        foreach (var key in list.Props.XKubernetesListMapKeys)
        {
            var value = (item as JsonObject)?[key] ?? list.Items?.Properties.GetValueOrDefault(key)?.Default;
            if (value is not null)
            {
                text.Append(text.Length > 1 ? "," : "").Append('"').Append(key).Append("\":").Append(value.ToJsonString());
            }
        }
        return text.Append('}').ToString();
    }
}
