"""The app that shows a metric's figure, in a page that stands for a client: a frame that may load nothing."""

from mcp.types import CallToolResult
from playwright.sync_api import Browser

from intercom_kit.mcp.figures.app import page
from intercom_kit.mcp.figures.drawing import with_figure

from ..charts import made

# What a client allows an app that asks for nothing.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'none'"

CLIENT = """
<iframe id="app" sandbox="allow-scripts" style="width: 800px; height: 520px; border: 0"></iframe>
<script>
  window.told = [];
  const app = document.getElementById("app");
  const tell = (message) => app.contentWindow.postMessage({jsonrpc: "2.0", ...message}, "*");
  const give = (result) => tell({method: "ui/notifications/tool-result", params: result});
  addEventListener("message", ({data}) => {
    told.push(data.method);
    if (data.method === "ui/initialize")
      tell({id: data.id, result: {protocolVersion: data.params.protocolVersion, hostCapabilities: {},
        hostInfo: {name: "client", version: "1"}, hostContext: {theme: "dark"}}});
    if (data.method === "ui/notifications/initialized") give({content: []});
  });
</script>
"""


def test_the_app_draws_what_comes_with_a_result_in_the_theme_of_its_client(chromium: Browser) -> None:
    answer = with_figure(CallToolResult(content=[]), made.RATINGS, picture=False, app=True)
    complaints: list[str] = []
    with chromium.new_page(viewport={"width": 820, "height": 540}) as client:
        client.on("console", lambda message: complaints.append(message.text))
        client.on("pageerror", lambda error: complaints.append(str(error)))
        client.set_content(CLIENT)
        policy = f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        html = page().replace("<head>", policy, 1)
        client.evaluate("html => { document.getElementById('app').srcdoc = html }", html)
        app = client.frame_locator("#app")
        told = app.get_by_text("There is no figure of these numbers")
        told.wait_for(timeout=20_000)
        assert told.evaluate("note => getComputedStyle(note).color") == "rgb(232, 234, 237)"  # on what is dark

        client.evaluate("result => give(result)", {"content": [], "_meta": answer.meta})
        app.locator(".main-svg").first.wait_for(timeout=20_000)
        assert "Something measured" in app.locator("#figure").text_content()
        assert app.locator("body").evaluate("body => body.style.background") == "rgb(22, 24, 29)"
        client.wait_for_function("told.includes('ui/notifications/size-changed')")
    assert complaints == []
