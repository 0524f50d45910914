using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Api.Tests;

public sealed class ModelJsonTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[true]}""", """{"a":1,"b":[true]}""", true)]
    [InlineData("""{"a":1,"b":[true]}""", """{"b":[true],"a":1}""", true)]
    [InlineData("""{"a":1}""", """{"a":2}""", false)]
    [InlineData("""{"a":1}""", """{"a":1,"b":null}""", false)]
    [InlineData("null", "null", true)]
    [InlineData("null", "{}", false)]
    public void Trees_are_the_same_where_they_say_the_same_in_any_order(string left, string right, bool same) =>
        Assert.Equal(same, ModelJson.Same(JsonNode.Parse(left), JsonNode.Parse(right)));

    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    [InlineData(3_000_000)]
    public void A_tree_of_any_size_is_written_whole(int length)
    {
        var text = new string('x', length);

        Assert.Equal($$"""{"text":"{{text}}"}""", System.Text.Encoding.UTF8.GetString(ModelJson.ToUtf8(new JsonObject { ["text"] = text })));
    }
}
