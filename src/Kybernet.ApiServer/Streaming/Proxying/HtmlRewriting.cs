using System.IO.Compression;
using System.Text;

namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>Pages that come through the proxy, with their links leading back through it.</summary>
internal static class HtmlRewriting
{
    /// <summary>Whether an answer is a page that can be read.</summary>
    public static bool Applies(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType == "text/html"
        && response.Headers.Location is null
        && string.Join(',', response.Content.Headers.ContentEncoding) is "" or "gzip" or "deflate";

    /// <summary>The page, compressed as it was.</summary>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, ProxyLinks links, CancellationToken cancellationToken)
    {
        var encoding = string.Join(',', response.Content.Headers.ContentEncoding);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var plain = encoding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new DeflateStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var page = new MemoryStream();
        await plain.CopyToAsync(page, cancellationToken);
        // Latin-1 brings every byte back as it was, whichever encoding the page is in: links are ASCII.
        var rewritten = Encoding.Latin1.GetBytes(HtmlLinks.Rewrite(Encoding.Latin1.GetString(page.GetBuffer(), 0, (int)page.Length), links.Rewrite));
        using var output = new MemoryStream();
        await using (Stream packed = encoding switch
        {
            "gzip" => new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true),
            _ => output,
        })
        {
            await packed.WriteAsync(rewritten, cancellationToken);
        }
        return output.ToArray();
    }
}
