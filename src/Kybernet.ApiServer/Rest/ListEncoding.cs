using System.Globalization;
using System.Text;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>What is around the items of a list; the items themselves are copied as they are, with commas between.</summary>
internal static class ListEncoding
{
    /// <summary>What comes after the items.</summary>
    public static ReadOnlySpan<byte> Tail => "]}"u8;

    /// <summary>What comes before the items.</summary>
    public static byte[] Head(ListResponse list)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{{\"kind\":\"{list.Kind.Kind}\",\"apiVersion\":\"{list.Kind.GroupVersion}\",\"metadata\":{{\"resourceVersion\":\"{list.ResourceVersion}\"");
        if (list.Continue.Length > 0)
        {
            text.Append(",\"continue\":\"").Append(list.Continue).Append('"');
        }
        if (list.Remaining is { } remaining)
        {
            text.Append(CultureInfo.InvariantCulture, $",\"remainingItemCount\":{remaining}");
        }
        return Encoding.UTF8.GetBytes(text.Append("},\"items\":[").ToString());
    }

    /// <summary>A whole list as one body.</summary>
    public static byte[] Join(ListResponse list)
    {
        using var body = new MemoryStream();
        body.Write(Head(list));
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
            {
                body.WriteByte((byte)',');
            }
            body.Write(list.Items[i].Json.Span);
        }
        body.Write(Tail);
        return body.ToArray();
    }
}
