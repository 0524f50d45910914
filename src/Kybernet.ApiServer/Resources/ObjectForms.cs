using Kybernet.Api.Json;
using System.Text.Json;
using Kybernet.Api;

namespace Kybernet.ApiServer.Resources;

/// <summary>Tells the versions of a kind apart where objects of several come by.</summary>
internal static class ObjectForms
{
    /// <summary>Whether an object says that it is of a group and version.</summary>
    public static bool IsOf(EncodedObject item, ReadOnlySpan<byte> apiVersion)
    {
        var reader = ModelJson.Reader(item.Json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("apiVersion"u8);
            reader.Read();
            if (isVersion)
            {
                return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(apiVersion);
            }
            reader.Skip();
        }
        return false;
    }
}
