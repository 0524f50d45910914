using Kybernet.ApiServer.Streaming.Proxying;

namespace Kybernet.ApiServer.Tests.Streaming;

public sealed class ProxyLinkTests
{
    [Theory]
    [InlineData("/a/", "/p/proxy/a/")]
    [InlineData("/p/proxy/a", "/p/proxy/a")]
    [InlineData("a/b", "a/b")]
    [InlineData("#top", "#top")]
    [InlineData("", "")]
    [InlineData("http://10.0.0.7:80/a?b=/c", "/p/proxy/a?b=/c")]
    [InlineData("http://localhost:8001/a", "http://localhost:8001/p/proxy/a")]
    [InlineData("//elsewhere/a", "//elsewhere/a")]
    [InlineData("https://elsewhere", "https://elsewhere")]
    [InlineData("mailto:x@y", "mailto:x@y")]
    public void Only_absolute_paths_of_the_same_host_get_the_prefix(string link, string expected) =>
        Assert.Equal(expected, new ProxyLinks("/p/proxy", "10.0.0.7:80", "localhost:8001").Rewrite(link));

    [Theory]
    [InlineData("<IMG alt='/x' SRC=/x>", "<IMG alt='/x' SRC=[/x]>")]
    [InlineData("<script src='/x'>if (a<b) '<a href=/y>'</script><a href=/z>", "<script src='[/x]'>if (a<b) '<a href=/y>'</script><a href=[/z]>")]
    [InlineData("<!-- <a href=/x> --><a disabled href = \"/y\"/>", "<!-- <a href=/x> --><a disabled href = \"[/y]\"/>")]
    [InlineData("a < b <p href=/x> <a href=\"/unfinished", "a < b <p href=/x> <a href=\"[/unfinished]")]
    public void Links_in_pages_are_found_and_nothing_else_is_touched(string page, string expected) =>
        Assert.Equal(expected, HtmlLinks.Rewrite(page, static link => $"[{link}]"));
}
